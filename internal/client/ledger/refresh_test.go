package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

// What is brought up to date says what one that is opened says: the same of every file, group and cell.
func TestWhatIsRefreshedIsWhatIsOnDisk(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, l *Ledger)
	}{
		{"nothing happened", func(*testing.T, *Ledger) {}},
		{"another process wrote", func(t *testing.T, l *Ledger) { saved(t, l.dir, 1) }},
		{"another process wrote of another session", func(t *testing.T, l *Ledger) {
			other := open(t, l.dir)
			another(other)
			save(t, other, false)
		}},
		{"all of it was written anew", func(t *testing.T, l *Ledger) { save(t, l, true) }},
		{"it was added to", func(t *testing.T, l *Ledger) {
			fill(l, 7)
			save(t, l, false)
		}},
		{"what changed was not saved", func(_ *testing.T, l *Ledger) { fill(l, 7) }},
	} {
		dir := t.TempDir()
		saved(t, dir, 2)
		l := open(t, dir)
		c.do(t, l)
		l, err := l.Refresh()
		if err != nil {
			t.Fatal(c.name, err)
		}
		t.Cleanup(l.Close)
		opened := open(t, dir)
		if diff := cmp.Diff(state(t, opened), state(t, l)); diff != "" {
			t.Error(c.name, diff)
		}
		for _, l := range []*Ledger{opened, l} { // and it is gone on with
			l.Regroup([]uint32{l.File(0).Group}, make([]Group, 1), [][]int{{0}})
		}
		if diff := cmp.Diff(state(t, opened), state(t, l)); diff != "" {
			t.Error(c.name, "and went on", diff)
		}
	}
}

// another adds a session with a day of its own.
func another(l *Ledger) {
	id := l.Put(-1, File{Source: "s", Name: "/other", Path: "other", Group: NoGroup}, new(Kept), nil)
	at := noon.AddDate(0, 0, 9)
	l.Regroup(nil, []Group{{Cells: []Cell{{Records: 1, Cell: usage.Cell{Start: at, Source: "s", Requests: 1, First: at, Last: at}}}}}, [][]int{{id}})
}

func save(t *testing.T, l *Ledger, anew bool) {
	t.Helper()
	if err := l.Save(anew); err != nil {
		t.Fatal(err)
	}
}
