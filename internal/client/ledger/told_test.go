package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// toldOf is what a ledger says of when its files tell, by name.
func toldOf(t *testing.T, l *Ledger) map[string]string {
	t.Helper()
	of, err := l.Told()
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[string]string)
	for id, f := range l.Each {
		first, last, known := of(id)
		said[f.Name] = fmt.Sprint(first, " ", last, " ", known)
	}
	return said
}

func TestWhenFilesTellIsKept(t *testing.T) {
	dir := t.TempDir()
	put := func(l *Ledger, id int, name string, at ...time.Time) int {
		k := new(Kept)
		for n, when := range at {
			k.Entries = append(k.Entries, source.Entry{Record: usage.Record{ID: fmt.Sprint(name, n), Model: "m", Time: when}})
		}
		return l.Put(id, File{Source: "s", Name: name, Path: name, Group: NoGroup}, k, nil)
	}
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	l := open(t, dir)
	a := put(l, -1, "/a", day(3), day(1), time.Time{}, day(2), source.Oldest.Add(-time.Second))
	b := put(l, -1, "/b")
	c := put(l, -1, "/c", day(5))
	l.Regroup(nil, make([]Group, 3), [][]int{{a}, {b}, {c}})
	says := func(first, last time.Time) string { return fmt.Sprint(first.Unix(), " ", last.Unix(), " ", true) }
	want := map[string]string{"/a": says(day(1), day(3)), "/b": "1 0 true", "/c": says(day(5), day(5))}
	check := func(l *Ledger, after string) {
		t.Helper()
		if diff := cmp.Diff(want, toldOf(t, l)); diff != "" {
			t.Error(after, diff)
		}
	}
	check(l, "before it is saved")
	save(t, l, false)

	l = open(t, dir)
	other := open(t, dir)
	check(other, "as it was saved")
	put(l, c, "/c", day(5), day(9))
	l.Put(a, *l.File(a), nil, nil)
	d := put(l, -1, "/d", day(-1))
	l.Regroup(nil, make([]Group, 1), [][]int{{d}})
	want["/c"], want["/d"] = says(day(5), day(9)), says(day(-1), day(-1))
	check(l, "with changes")
	save(t, l, false)
	check(open(t, dir), "with changes that were saved")
	if refreshed, err := other.Refresh(); err != nil {
		t.Error(err)
	} else {
		check(refreshed, "refreshed")
	}

	l = open(t, dir)
	l.Remove(a)
	delete(want, "/a")
	save(t, l, true)
	check(open(t, dir), "written anew")
}

// A ledger of the same form that does not say when files tell is read.
func TestALedgerWithoutWhenFilesTellIsRead(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	id := l.Put(-1, File{Source: "s", Name: "/a", Path: "a", Group: NoGroup}, &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: "a", Time: noon}}}}}, nil)
	l.Regroup(nil, make([]Group, 1), [][]int{{id}})
	l.told = nil
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"/a": "0 0 false"}, toldOf(t, open(t, dir))); diff != "" {
		t.Error(diff)
	}
}
