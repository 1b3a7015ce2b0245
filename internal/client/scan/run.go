package scan

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// Options say whose files are read.
type Options struct {
	Home    string              // absolute
	Getenv  func(string) string // nil: no variable is set, so that nothing outside Home is looked at
	GOOS    string              // empty: the one this was built for
	Brought bool                // the home may be of another system: where that keeps files is looked at too
	Sources []source.Source
	Extra   map[string][]string // further roots, by source
	Now     time.Time           // records later than a day after it are not believed; zero: all are
	Zone    *time.Location      // that the machine's clock stands in; nil: the system's
	// Ledger is the folder in which what was read is kept for the next time; empty: nothing is.
	Ledger string
	// Purge takes what was forgotten out of what is kept of files that are gone.
	Purge bool
	// Progress is called by one worker at a time; nil: never.
	Progress Progress
	// Traced wants to know what became of the responses of these times; nil: of none.
	Traced func(time.Time) bool
	// Opened is called by one worker at a time with every file that is about to be opened; nil: never.
	Opened func(source, name string)
}

// Run reads the machine. It fails only if ctx ends; whatever else goes wrong is in the result's warnings.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return run(ctx, o, osAccess)
}

func run(ctx context.Context, o Options, a access) (*Result, error) {
	var b *book
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		b = openBook(o.Ledger, time.Now())
	}()
	m := machine{home: o.Home, getenv: o.Getenv, goos: o.GOOS}
	if o.Brought {
		m.guests = guests(o.Home, o.GOOS, a)
	}
	finds := lookAll(o, m, a)
	<-opened
	defer func() { b.Close() }()
	r, err := newPass(o, a, m, finds, b).run(ctx)
	if errors.Is(err, ledger.ErrDamaged) {
		b.setAside(err, time.Now())
		r, err = newPass(o, a, m, lookAll(o, m, a), b).run(ctx)
	}
	if err != nil {
		return nil, err
	}
	r.Warnings = append(r.Warnings, b.warnings...)
	return r, nil
}

func lookAll(o Options, m machine, a access) []*find {
	finds := make([]*find, len(o.Sources))
	for i, s := range o.Sources {
		finds[i] = look(s, m, slices.Concat(o.Extra[s.ID], m.set(s, a, o.Opened)), a)
		finds[i].days = m.days(s, a, o.Opened)
	}
	return finds
}
