package scan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/lockfile"
	"tokenflex.ing/internal/client/source"
)

// book is the ledger as a scan has it: one that cannot be used is replaced by an empty one, which a warning says.
type book struct {
	*ledger.Ledger
	dir       string
	forgotten []ledger.Forgotten
	warnings  []Warning
	saved     *saved // nil: not yet
}

// openBook opens the ledger in dir; without one nothing is known, and nothing will be.
func openBook(ctx context.Context, dir string, sources []source.Source, now time.Time) *book {
	b := &book{Ledger: ledger.New(), dir: dir}
	if dir == "" {
		return b
	}
	l, err := ledger.Open(dir)
	switch {
	case err == nil:
		b.Ledger = l
	case errors.Is(err, ledger.ErrDamaged), errors.Is(err, ledger.ErrNewer), errors.Is(err, ledger.ErrOlder):
		b.setAside(ctx, err, sources, now)
	default:
		b.dir = ""
		b.warn("ledger-unreadable", "what was read before cannot be used: %v", err)
		b.warnings[0].Partial = errors.Is(err, fs.ErrPermission) // there is a history that is not in the answer
		return b
	}
	if b.forgotten, err = ledger.ReadForgotten(dir); err != nil {
		b.warn("forgotten-unreadable", "what was forgotten is counted again: %v", err)
	}
	return b
}

// refresh brings the book up to date with what was written since, by this process or another. It is false where it has to be opened
// anew.
func (b *book) refresh() bool {
	l, err := b.Refresh()
	if err != nil {
		return false
	}
	b.Ledger, b.warnings = l, nil
	if b.forgotten, err = ledger.ReadForgotten(b.dir); err != nil {
		b.Close()
	}
	return err == nil
}

// asideWithin is how long a damaged ledger is waited for that another process has: it may be about to set it aside, or be stopped.
const asideWithin = 5 * time.Second

// setAside goes on with what can be read of a ledger that cannot be used.
func (b *book) setAside(ctx context.Context, why error, sources []source.Source, now time.Time) {
	b.saved = nil
	b.Close()
	ctx, cancel := context.WithTimeout(ctx, asideWithin)
	defer cancel()
	l, as, err := ledger.SetAside(ctx, b.dir, now, func(id string, k *ledger.Kept) []uint32 {
		if i := slices.IndexFunc(sources, func(s source.Source) bool { return s.ID == id }); i >= 0 {
			return links(sources[i], &k.Part)
		}
		return nil
	})
	b.Ledger = l
	n := 0
	for range l.Each {
		n++
	}
	switch {
	case err != nil:
		b.dir = "" // it is done again the next time
		b.warn("ledger-not-kept", "%v; %s are taken over, and nothing can be kept: %v", why, plural(n, "file", "files"), err)
	case as != "":
		b.warn("ledger-set-aside", "%v; it was set aside as %s, and %s were taken over", why, filepath.Base(as), plural(n, "file", "files"))
	}
}

func (b *book) warn(code, format string, args ...any) {
	b.warnings = append(b.warnings, Warning{Code: code, Message: fmt.Sprintf(format, args...), Hint: "tokenflexing doctor"})
}

// saveMeanwhile begins to save what a scan found, where anything is kept.
func (b *book) saveMeanwhile() {
	if b.dir == "" {
		return
	}
	s := &saved{changed: b.Unsaved(), done: make(chan struct{})}
	b.saved = s
	go func() {
		defer close(s.done)
		s.err = b.Save(false)
	}()
}

// wait waits for the end of what saveMeanwhile began.
func (b *book) wait() {
	if b.saved != nil {
		<-b.saved.done
	}
}

// saved is what came of saving a scan.
type saved struct {
	changed bool // there was anything to save
	done    chan struct{}
	err     error // once that is closed
}

// recent takes from an answer what is recent in it, if that is to be kept, before anybody else has the answer. What it returns keeps it;
// nil: nothing is.
func (b *book) recent(r *Result, anew bool) func() error {
	now := time.Now()
	changed := anew || b.saved == nil && b.Unsaved() || b.saved != nil && b.saved.changed
	if b.dir == "" || !changed && !b.RecentIsOld(now) {
		return nil
	}
	keep := b.SaveRecent(r.Cells, now)
	return func() error {
		if err := keep(); changed {
			return err
		}
		return nil
	}
}

// keep saves what a scan found and what is recent of it, unless it is saved. That another process is at it too is no fault: the next scan will
// find what this one did. Only what was forgotten has to go now; ErrBusy says that it is to be tried again, and ErrDamaged that the
// ledger is to be set aside.
func (b *book) keep(ctx context.Context, purge bool, r *Result, recent func() error) (err error) {
	if b.dir == "" {
		return nil
	}
	if b.wait(); b.saved != nil {
		err = b.saved.err
	} else {
		err = b.Save(purge)
	}
	b.saved = nil
	if purge && errors.Is(err, ledger.ErrBusy) {
		unlock, err := lockfile.Wait(ctx, filepath.Join(b.dir, "lock"))
		if err == nil {
			unlock()
		}
		return ledger.ErrBusy
	}
	if err == nil && recent != nil {
		err = recent()
	}
	if err == nil && purge {
		err = ledger.RemoveAsides(b.dir)
	}
	r.Kept = err == nil || errors.Is(err, ledger.ErrBusy)
	if !r.Kept {
		b.warn("ledger-not-kept", "what was read could not be kept for the next time: %v", err)
	}
	if errors.Is(err, ledger.ErrDamaged) {
		return err
	}
	return nil
}
