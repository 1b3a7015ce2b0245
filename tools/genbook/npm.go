package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// load reads the data set from an unpacked package, or fetches the package into a folder that is removed again.
func load(ctx context.Context, dir string) (upstreamData, error) {
	if dir != "" {
		return readPackage(dir)
	}
	tmp, err := os.MkdirTemp("", "genbook-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	for _, args := range [][]string{
		{"npm", "pack", "--silent", packageName},
		{"sh", "-c", "tar xzf *.tgz"},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Dir, cmd.Stderr = tmp, os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", args[0], err)
		}
	}
	return readPackage(filepath.Join(tmp, "package"))
}

// readPackage finds the providers in the package's bundle, where they are the first array literal.
func readPackage(dir string) (upstreamData, error) {
	data, err := os.ReadFile(filepath.Join(dir, "dist", "index.cjs"))
	if err != nil {
		return nil, err
	}
	begin := bytes.Index(data, []byte(`=[{id:"`))
	if begin < 0 {
		return nil, fmt.Errorf("%s: the list of providers is not where it was", packageName)
	}
	value, err := parseLiteral(data[begin+1:])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packageName, err)
	}
	return upstreamOf(value)
}
