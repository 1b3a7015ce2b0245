package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

func newImportCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "import SOURCE FILE...",
		Short:   "Keep a tool's export, and count it like what the tool leaves on disk.",
		Long:    "The same file twice is kept once, and exports that overlap are counted once.\nThe file stays where it is; what is kept can be deleted in the state folder.",
		Example: "tokenflexing import cursor usage-events.csv",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usageError("import what?", "write tokenflexing import cursor usage-events.csv")
			}
			return runImport(c.Context(), app, args[0], args[1:])
		},
	}
}

func runImport(ctx context.Context, app *App, id string, files []string) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	of := slices.IndexFunc(app.Sources, func(of source.Source) bool { return of.ID == id })
	if of < 0 {
		return usageError(fmt.Sprintf("%q is not a tool we know", id), "run: tokenflexing sources --all")
	}
	if app.Sources[of].Read == nil {
		return usageError(fmt.Sprintf("%q has no exports that can be read", id))
	}
	for _, file := range files {
		if err := app.importFile(ctx, s, app.Sources[of], file); err != nil {
			return err
		}
	}
	return nil
}

// importFile keeps one export, once it is known to hold usage.
func (a *App) importFile(ctx context.Context, s settings, of source.Source, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return failureError(fmt.Sprintf("%s cannot be read: %v", file, errors.Unwrap(err)))
	}
	name := filepath.Base(file)
	sum := sha256.Sum256(b)
	as := "usage-" + hex.EncodeToString(sum[:8]) + strings.ToLower(filepath.Ext(name))
	found, err := a.readAlone(ctx, of, as, b)
	if err != nil {
		return err
	}
	if found.Records == 0 {
		return failureError(fmt.Sprintf("%s holds no usage of %s that can be read", name, of.Name), "run: tokenflexing help import")
	}
	kept := filepath.Join(s.Imports(of.ID), as)
	if _, err := os.Stat(kept); err == nil {
		return render.Done(a.Out, a.plainStyle(s), "known", fmt.Sprintf("%s was imported before", name))
	}
	if err := s.Keep(kept, b); err != nil {
		return err
	}
	var tokens int64
	for _, state := range found.Sources {
		tokens += state.TotalTokens
	}
	return render.Done(a.Out, a.plainStyle(s), "imported", fmt.Sprintf("%s: %s, %s tokens", name, render.Count(found.Records, "record"), render.Tokens(tokens)))
}

// readAlone reads one file as that source, away from everything else.
func (a *App) readAlone(ctx context.Context, of source.Source, name string, b []byte) (*scan.Result, error) {
	dir, err := os.MkdirTemp("", "tokenflexing-import-") // made 0700
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "nobody")
	return scan.Run(ctx, scan.Options{Home: home, GOOS: a.GOOS, Sources: []source.Source{of}, Now: a.Now(), Extra: map[string][]string{of.ID: {dir}}})
}
