package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"tokenflex.ing/internal/pricing/book"
)

const packageName = "@pydantic/genai-prices@0.1.8"

const head = `What models cost, in US dollars per million tokens: docs/prices.md says how to read and change it.
Made by tools/genbook: change overlay/ there, not this file. Rates that came through genai-prices are under LICENSE.genai-prices.
`

type options struct {
	data, root string
	dry        bool
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "", "`folder` of an unpacked "+packageName+"; empty: fetch it with npm")
	flag.StringVar(&o.root, "root", "", "`folder` of the repository; empty: found from the working folder")
	flag.BoolVar(&o.dry, "n", false, "print the changes and write nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "genbook:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	root, err := repository(o.root)
	if err != nil {
		return err
	}
	upstream, err := load(ctx, o.data)
	if err != nil {
		return err
	}
	over, err := readOverlay(os.DirFS(filepath.Join(root, "tools", "genbook", "overlay")))
	if err != nil {
		return err
	}
	next, err := over.merge(upstream)
	if err != nil {
		return err
	}
	if err := next.Check(); err != nil {
		return err
	}
	path := filepath.Join(root, "internal", "pricing", "book.txt")
	before, err := present(path)
	if err != nil {
		return err
	}
	report(out, before, next)
	fmt.Fprint(out, over.unused(upstream))
	if o.dry {
		return nil
	}
	return os.WriteFile(path, book.Encode(next, head), 0o644)
}

// present reads the book that is there now; a missing one is empty.
func present(path string) (book.Book, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return book.Book{}, nil
	}
	if err != nil {
		return book.Book{}, err
	}
	return book.Decode(data)
}

// repository is the folder with go.mod, at or above the working folder.
func repository(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("no go.mod at or above the working folder")
		}
		dir = filepath.Dir(dir)
	}
}
