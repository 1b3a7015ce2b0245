package scan

import (
	"context"
	"errors"
	"runtime"
	"time"

	"tokenflex.ing/internal/client/ledger"
)

// Session scans one machine again and again. It keeps the ledger open between scans, so that a file that grew costs the reading of
// what is new in it, beside a look at all of them.
type Session struct {
	options Options
	access  access
	machine machine
	book    *book // nil before the first scan
}

// NewSession returns one for what the options say.
func NewSession(o Options) *Session { return newSession(o, osAccess) }

func newSession(o Options, a access) *Session {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return &Session{options: o, access: a, machine: machine{home: o.Home, getenv: o.Getenv, goos: o.GOOS}}
}

// Close lets go of the ledger.
func (s *Session) Close() {
	if s.book != nil {
		s.book.Close()
	}
}

// Scan is Run at a moment, which takes the place of the options' own. It is not called by several at once.
func (s *Session) Scan(ctx context.Context, now time.Time) (*Result, error) {
	s.options.Now = now
	for {
		r, err := s.scan(ctx)
		if s.options.Purge && errors.Is(err, ledger.ErrBusy) && ctx.Err() == nil {
			continue // what another process wrote has to be looked through too
		}
		return r, err
	}
}

func (s *Session) scan(ctx context.Context) (*Result, error) {
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		s.open(ctx)
	}()
	if s.options.Brought {
		s.machine.guests = guests(s.options.Home, s.options.GOOS, s.access)
	}
	finds := lookAll(s.options, s.machine, s.access)
	<-opened
	r, err := newPass(s.options, s.access, s.machine, finds, s.book).run(ctx)
	if errors.Is(err, ledger.ErrDamaged) {
		s.book.setAside(ctx, err, s.options.Sources, time.Now())
		r, err = newPass(s.options, s.access, s.machine, lookAll(s.options, s.machine, s.access), s.book).run(ctx)
	}
	if err == nil {
		recent := s.book.recent(r, s.options.Purge)
		if s.options.Meanwhile != nil {
			s.options.Meanwhile(r)
		}
		if err = s.book.keep(ctx, s.options.Purge, r, recent); errors.Is(err, ledger.ErrDamaged) { // the next scan finds what this one did
			s.book.setAside(ctx, err, s.options.Sources, time.Now())
			err = nil
		}
	}
	if err != nil {
		s.Close()
		s.book = nil // what it was in the middle of is not to be gone on with
		return nil, err
	}
	r.Warnings = append(r.Warnings, s.book.warnings...)
	return r, nil
}

// open opens the ledger, or brings the one that is open up to date.
func (s *Session) open(ctx context.Context) {
	if s.book == nil || s.book.dir != s.options.Ledger || !s.book.refresh() {
		s.book = openBook(ctx, s.options.Ledger, s.options.Sources, time.Now())
	}
}
