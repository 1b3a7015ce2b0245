package scan

import (
	"context"
	"slices"
	"sync"
	"time"

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
	// Meanwhile is called with the answer while it is being kept, and may change its cells; nil: never. Whether it was kept, and what of that
	// is a warning, is told by what Run returns. When it is to be tried again it is called again.
	Meanwhile func(*Result)
	// Progress is called by one worker at a time; nil: never.
	Progress Progress
	// Traced wants to know what became of the responses of these times, of which each slot of usage is all or none; nil: of none.
	Traced func(time.Time) bool
	// Opened is called by one worker at a time with every file that is about to be opened; nil: never.
	Opened func(source, name string)
}

// Run reads the machine. It fails only if ctx ends; whatever else goes wrong is in the result's warnings.
func Run(ctx context.Context, o Options) (*Result, error) { return run(ctx, o, osAccess) }

func run(ctx context.Context, o Options, a access) (*Result, error) {
	s := newSession(o, a)
	defer s.Close()
	return s.Scan(ctx, o.Now)
}

// lookAll looks for the sources side by side: each waits for the system most of the time.
func lookAll(o Options, m machine, a access) []*find {
	opened := o.Opened
	if opened != nil {
		var one sync.Mutex
		opened = func(source, name string) {
			one.Lock()
			defer one.Unlock()
			o.Opened(source, name)
		}
	}
	finds := make([]*find, len(o.Sources))
	_ = inParallel(len(o.Sources), func(i int) error {
		s := o.Sources[i]
		finds[i] = look(s, m, slices.Concat(o.Extra[s.ID], m.set(s, a, opened)), a)
		finds[i].retention = m.retains(finds[i], o.Brought, a, opened)
		return nil
	})
	return finds
}
