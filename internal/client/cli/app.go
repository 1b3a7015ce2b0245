package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/remote"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/version"
)

// App is what a command is given: the streams, the environment and the clock. Commands take nothing from anywhere else.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	GOOS     string
	Now      func() time.Time
	Prices   func() *pricing.Table
	Sources  []source.Source

	names  []string // of the commands, in their order
	stored struct { // the site's book, once it has been read
		of    config.Book
		table *pricing.Table
	}
}

func newApp(in io.Reader, out, errs io.Writer, getenv func(string) string) *App {
	return &App{In: in, Out: out, Err: errs, Getenv: getenv, GOOS: runtime.GOOS, Now: time.Now, Prices: pricing.Embedded, Sources: source.All()}
}

// home is the person's home folder.
func (a *App) home() string {
	for _, dir := range []string{a.Getenv("HOME"), a.Getenv("USERPROFILE"), a.Getenv("HOMEDRIVE") + a.Getenv("HOMEPATH")} {
		if dir != "" {
			return dir
		}
	}
	return ""
}

// settings are the client's own files and what its config says.
type settings struct {
	config.Paths
	config.Config
}

func (a *App) settings() (settings, error) {
	paths, err := config.NewPaths(a.GOOS, a.home(), a.Getenv)
	if err != nil {
		return settings{}, err
	}
	c, err := paths.Load()
	return settings{paths, c}, err
}

// site is where things are sent: TOKENFLEX_SITE, else the config, else the default.
func (a *App) site(s settings) (config.Site, error) {
	name, from := s.Site, "site in config.toml"
	if env := a.Getenv("TOKENFLEX_SITE"); env != "" {
		name, from = env, "TOKENFLEX_SITE"
	}
	site, err := config.ParseSite(name)
	if err != nil {
		return site, usageError(from+": "+err.Error(), "write one like "+config.DefaultSite)
	}
	return site, nil
}

func (a *App) remote(site config.Site, token string) *remote.Client {
	return remote.New(site, token, version.String())
}

// read scans the machine, or the home that is named instead. In another home only that folder counts, and
// of the environment what lies in it: the rest speaks of this one.
func (a *App) read(ctx context.Context, s settings, home string, quiet bool) (*scan.Result, error) {
	return a.readMeanwhile(ctx, s, home, quiet, nil)
}

// readMeanwhile is read, and has something made of the cells while they are kept for the next time.
func (a *App) readMeanwhile(ctx context.Context, s settings, home string, quiet bool, do func(cells []usage.Cell)) (*scan.Result, error) {
	o, err := a.scanOptions(s, home)
	if err != nil {
		return nil, err
	}
	if do != nil {
		o.Meanwhile = func(found *scan.Result) { do(found.Cells) }
	}
	return a.scan(ctx, s, o, quiet)
}

// trace reads the machine, and follows the responses of the times that are wanted.
func (a *App) trace(ctx context.Context, s settings, home string, quiet bool, wanted func(time.Time) bool) (*scan.Result, error) {
	o, err := a.scanOptions(s, home)
	if err != nil {
		return nil, err
	}
	o.Traced = wanted
	return a.scan(ctx, s, o, quiet)
}

// scan reads what the options say, in the price bands that count. On a terminal it shows how far it is, unless it is to be quiet.
func (a *App) scan(ctx context.Context, s settings, o scan.Options, quiet bool) (*scan.Result, error) {
	if !quiet && a.errTerminal() {
		p := newProgress(a, s)
		defer p.stop()
		o.Progress = p.note
	}
	do := o.Meanwhile
	o.Meanwhile = func(found *scan.Result) {
		a.prices(s).Bands(found.Cells)
		if do != nil {
			do(found)
		}
	}
	found, err := scan.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	found.Warnings = append(found.Warnings, a.idleRates(s)...)
	return found, nil
}

func (a *App) scanOptions(s settings, home string) (scan.Options, error) {
	o := scan.Options{Home: a.home(), Getenv: a.Getenv, GOOS: a.GOOS, Sources: a.Sources, Now: a.Now()}
	if home != "" {
		dir, err := filepath.Abs(home)
		if err != nil {
			return o, err
		}
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return o, usageError(fmt.Sprintf("--home %s is not a folder", home))
		}
		own := false
		if mine, err := os.Stat(a.home()); err == nil && os.SameFile(mine, info) {
			dir, own = filepath.Clean(a.home()), true
		}
		o.Home, o.Getenv, o.Brought, o.Ledger = dir, within(dir, own, a.Getenv), !own, s.Ledger(dir)
		if !own {
			o.Ledger = s.LedgerOf(dir, info)
		}
	} else {
		o.Ledger = s.Ledger(o.Home)
		o.Extra = make(map[string][]string)
		for id, of := range s.Sources {
			o.Extra[id] = of.Roots
		}
		for _, of := range a.Sources {
			if kept := s.Imports(of.ID); exists(kept) {
				o.Extra[of.ID] = append(slices.Clone(o.Extra[of.ID]), kept)
			}
		}
	}
	return o, nil
}

// within leaves of the environment what says where in a folder something lies: the rest of it is of the home it was made for.
// In that home itself a name alone counts too.
func within(dir string, own bool, getenv func(string) string) func(string) string {
	return func(name string) string {
		value := getenv(name)
		for _, place := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == filepath.ListSeparator }) {
			place = strings.TrimSpace(place)
			below, err := filepath.Rel(dir, place)
			if own && filepath.IsLocal(place) {
				continue
			}
			if err != nil || !filepath.IsAbs(place) || !filepath.IsLocal(below) {
				return ""
			}
		}
		return value
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tildes shortens the paths in a sentence.
func (a *App) tildes(line string) string {
	if home := a.home(); len(home) > 1 {
		return strings.ReplaceAll(line, home+string(os.PathSeparator), "~"+string(os.PathSeparator))
	}
	return line
}

// tilde shortens a path below the home to ~.
func (a *App) tilde(path string) string {
	home := a.home()
	if rest, ok := strings.CutPrefix(path, home); ok && home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		return "~" + rest
	}
	return path
}
