package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Paths are the client's own folders. Nothing is created until something is written.
type Paths struct {
	Config string // config.toml and tokens.json
	State  string // what was synced, imported and read
}

// ConfigFile is where config.toml is, whether it exists or not.
func (p Paths) ConfigFile() string { return filepath.Join(p.Config, "config.toml") }

// NewPaths finds the folders for a home. The config folder is ~/.config/tokenflexing on every system, unless
// XDG_CONFIG_HOME moves it; state follows XDG_STATE_HOME, or the system's own place. TOKENFLEX_DIR moves all of it into
// one folder, and nothing else: the tools' data is still looked for where it was.
func NewPaths(goos, home string, getenv func(string) string) (Paths, error) {
	if home == "" {
		return Paths{}, fmt.Errorf("no home folder: set HOME")
	}
	if dir := getenv("TOKENFLEX_DIR"); filepath.IsAbs(dir) {
		return Paths{Config: dir, State: dir}, nil
	}
	config := filepath.Join(home, ".config")
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		config = dir
	}
	return Paths{
		Config: filepath.Join(config, "tokenflexing"),
		State:  filepath.Join(stateHome(goos, home, getenv), "tokenflexing"),
	}, nil
}

func stateHome(goos, home string, getenv func(string) string) string {
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	switch goos {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support")
	case "windows":
		if dir := getenv("LOCALAPPDATA"); filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(home, "AppData", "Local")
	}
	return filepath.Join(home, ".local", "state")
}

// writePrivate replaces the file in one step with one that only its owner can read.
func writePrivate(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // created 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when the rename worked
	if _, err := f.Write(b); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// Imports is where exports of one source are kept.
func (p Paths) Imports(source string) string { return filepath.Join(p.State, "imports", source) }

// Ledger is where what was read of the tools' files of the person's own home is kept: one folder for each home. It goes by the
// home's name alone, so that history outlives a move to another disk.
func (p Paths) Ledger(home string) string { return p.ledger(filepath.Clean(home)) }

// LedgerOf is the same for a home that is named, which another may follow under its name: that one has another history.
func (p Paths) LedgerOf(home string, info fs.FileInfo) string {
	return p.ledger(filepath.Clean(home) + "\x00" + identity(home, info))
}

func (p Paths) ledger(of string) string {
	sum := sha256.Sum256([]byte(of))
	return filepath.Join(p.State, "ledger", hex.EncodeToString(sum[:8]))
}

// Keep writes a file of the client's own, whole or not at all, for its owner alone.
func (p Paths) Keep(path string, b []byte) error { return writePrivate(path, b) }
