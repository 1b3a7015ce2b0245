package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// entry draws an entry of any kind.
func entry(t *rapid.T) source.Entry {
	text := rapid.SampledFrom([]string{"", "a", "b", "a long name of something", "\x00é"})
	count := rapid.Int64Range(-3, 1<<40)
	e := source.Entry{Request: text.Draw(t, "request"), Mirrors: text.Draw(t, "mirrors"), Marks: source.Marks(rapid.IntRange(0, 255).Draw(t, "marks"))}
	e.Record = usage.Record{ID: text.Draw(t, "id"), Model: text.Draw(t, "model"), Session: text.Draw(t, "session"), Project: text.Draw(t, "project"),
		Tier: usage.Tier(text.Draw(t, "tier")), Sum: rapid.Bool().Draw(t, "sum"),
		Tokens: usage.Tokens{Input: count.Draw(t, "input"), CacheRead: count.Draw(t, "read"), CacheWrite5m: count.Draw(t, "5m"), CacheWrite1h: count.Draw(t, "1h"),
			Output: count.Draw(t, "output"), Reasoning: count.Draw(t, "reasoning")}}
	if rapid.Bool().Draw(t, "timed") {
		e.Time = time.Unix(rapid.Int64Range(-1e9, 1e13).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
	}
	return e
}

func TestPartsAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &Kept{Part: source.Part{Session: "s", Project: rapid.SampledFrom([]string{"", "p"}).Draw(t, "project"), Size: rapid.Int64Range(0, 1<<50).Draw(t, "size"),
			Repeats: rapid.IntRange(0, 99).Draw(t, "repeats"), Cut: rapid.Bool().Draw(t, "cut"), Modified: noon,
			Models: []source.ModelFrom{{Model: "m", Time: noon, Inclusive: true}, {Weak: true}}, Parents: []string{"p", "q"},
			Again:   rapid.SliceOfN(rapid.Uint16(), 0, 3).Draw(t, "again"),
			Entries: rapid.SliceOfN(rapid.Custom(entry), 0, 9).Draw(t, "entries")}}
		for range k.Entries {
			k.Lost = append(k.Lost, rapid.Bool().Draw(t, "lost"))
		}
		f := &File{Source: "s", Name: "/h/d/f.jsonl", Path: rapid.SampledFrom([]string{"d/f.jsonl", "elsewhere"}).Draw(t, "path"), Scope: "/h", Beside: []string{"x/*"},
			Stamp: Stamp{1, 2, 3, 4, 5}, Revision: 6, Zone: 7, Database: true, Stale: true, Out: true, Whole: 8, Tail: 9, Oversize: 10,
			Faults: [source.Faults]int{1, 2, 3, 4, 1}, Entries: 11, Print: 12, Future: -13, Group: 14}
		b, _ := new(encoder).record(f, k)
		gotFile, got, size, err := parseRecord(append(b, "behind"...))
		if err != nil || size != len(b) {
			t.Fatal(size, err)
		}
		if diff := cmp.Diff(k, got, cmpopts.EquateEmpty(), cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Lost" }, cmp.Ignore())); diff != "" {
			t.Fatal(diff)
		}
		for i := range k.Entries {
			if k.IsLost(i) != got.IsLost(i) {
				t.Fatal("lost", i)
			}
		}
		if diff := cmp.Diff(f, gotFile, cmpopts.IgnoreUnexported(File{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

// fill puts three files into a ledger, each a group of its own, in the state of a round.
func fill(l *Ledger, round int) {
	var add []Group
	var members [][]int
	for n := range 3 {
		k := &Kept{Part: source.Part{Session: fmt.Sprint(n), Entries: []source.Entry{{Record: usage.Record{ID: fmt.Sprint(n, round), Model: "m", Time: noon}}}}}
		id := -1
		for known, f := range l.Each {
			if f.Name == fmt.Sprint("/f", n) {
				id = known
			}
		}
		id = l.Put(id, File{Source: "s", Name: fmt.Sprint("/f", n), Path: fmt.Sprint("f", n), Group: NoGroup, Revision: round}, k, []uint32{uint32(n)})
		add = append(add, Group{Tallies: []Tally{{Source: "s", Dropped: int64(round)}}, Cells: []Cell{{Records: int64(round),
			Cell: usage.Cell{Start: noon, Source: "s", Model: fmt.Sprint("m", n%2), Requests: int64(round), Tokens: usage.Tokens{Input: int64(round)}, First: noon, Last: noon.Add(time.Second)}}}})
		members = append(members, []int{id})
	}
	var drop []uint32
	for id := range l.groups {
		drop = append(drop, uint32(id))
	}
	l.Regroup(drop, add, members)
}

// said is everything that a ledger says.
func said(l *Ledger) (s []any, err error) {
	for id, f := range l.Each {
		k, err := l.Part(id)
		if err != nil {
			return nil, err
		}
		links, err := l.LinksOf(id)
		if err != nil {
			return nil, err
		}
		s = append(s, f.Name, f.Revision, k.Part, links)
	}
	cells, records, err := l.Cells(nil)
	s = append(s, cells, records)
	l.Tallies(func(t Tally) { s = append(s, t) })
	return s, err
}

func state(t testing.TB, l *Ledger) []any {
	t.Helper()
	s, err := said(l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, dir string) *Ledger {
	t.Helper()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// saved saves a ledger of some rounds and returns what each of them says.
func saved(t testing.TB, dir string, rounds int) (states [][]any) {
	for round := range rounds {
		l := open(t, dir)
		fill(l, round+1)
		if err := l.Save(false); err != nil {
			t.Fatal(err)
		}
		states = append(states, state(t, open(t, dir)))
	}
	return states
}

func TestALedgerIsReadAsItWasSaved(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	fill(l, 1)
	want := state(t, l)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, state(t, open(t, dir))); diff != "" {
		t.Fatal(diff)
	}
	l = open(t, dir)
	fill(l, 2)
	want = state(t, l)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, state(t, open(t, dir))); diff != "" {
		t.Fatal(diff)
	}
	l = open(t, dir)
	if l.Unsaved() {
		t.Error("what was read is not saved")
	}
	if err := l.Save(true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, state(t, open(t, dir))); diff != "" {
		t.Fatalf("after everything was written anew: %s", diff)
	}
	if all, _ := generations(dir); len(all) != 1 {
		t.Error("generations", all)
	}
}

// What does not fit in memory until it is saved is kept too, also where some of it was told anew meanwhile, or comes to a ledger that is
// there.
func TestWhatIsSpilledIsKept(t *testing.T) {
	const files, large = 6, 3 << 20 // bytes of one
	for _, there := range []bool{false, true} {
		for _, again := range []int{-1, 0, files - 1} {
			dir := t.TempDir()
			if there {
				saved(t, dir, 1)
			}
			l := open(t, dir)
			var members [][]int
			put := func(id, n int, text string) int {
				k := &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: strings.Repeat(text, large), Time: noon}}}}}
				return l.Put(id, File{Source: "s", Name: fmt.Sprint("/f", n), Path: fmt.Sprint("f", n), Group: NoGroup}, k, []uint32{uint32(n)})
			}
			for n := range files {
				members = append(members, []int{put(-1, n, string(rune('a'+n)))})
			}
			if again >= 0 {
				put(members[again][0], again, "z")
			}
			l.Regroup(nil, make([]Group, files), members)
			if l.spill.file == nil {
				t.Fatal("nothing was spilled")
			}
			want := state(t, l)
			if err := l.Save(false); err != nil {
				t.Fatal(err)
			}
			l.Close()
			if diff := cmp.Diff(want, state(t, open(t, dir)), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("there %t, again %d (-want +got)\n%.2000s", there, again, diff)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, newPrefix+"*")); len(left) > 0 {
				t.Error("it leaves", left)
			}
		}
	}
}

func TestCellsAreOrderedAsTheyCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		far := rapid.SampledFrom([]int64{3, 100, 1 << 40}).Draw(t, "far") // few slots to a cell, or many
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ordered {
			c := &Cell{Cell: usage.Cell{Model: rapid.SampledFrom([]string{"", "m", "n"}).Draw(t, "model")}}
			c.Start = time.Unix(rapid.Int64Range(-far, far).Draw(t, "slot")*slotSeconds, 0).UTC()
			return ordered{c, slotOf(&c.Cell), rapid.Uint32Range(0, 3).Draw(t, "group")}
		}), 0, 60).Draw(t, "cells")
		want := slices.Clone(all)
		slices.SortStableFunc(want, func(a, b ordered) int {
			return strings.Compare(fmt.Sprintf("%020d%3s%d", a.slot+1<<41, a.Model, a.group), fmt.Sprintf("%020d%3s%d", b.slot+1<<41, b.Model, b.group))
		})
		got := sortCells(slices.Clone(all))
		for i := range want {
			if a, b := want[i], got[i]; len(got) != len(want) || a.slot != b.slot || a.Model != b.Model || a.group != b.group {
				t.Fatalf("%d: %v %v", i, a, b)
			}
		}
	})
}

// many puts files of so many bytes each into a ledger, by several at once, who read what was put meanwhile.
func many(t *testing.T, l *Ledger, files, size int) {
	t.Helper()
	var all sync.WaitGroup
	for worker := range 3 {
		all.Go(func() {
			for n := worker; n < files; n += 3 {
				text := fmt.Sprint(n, strings.Repeat("x", size))
				k := &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: text, Time: noon}}}}}
				id := l.Put(-1, File{Source: "s", Name: fmt.Sprint("/f", n), Path: fmt.Sprint("f", n), Group: NoGroup}, k, []uint32{uint32(n)})
				if kept, err := l.Part(id); err != nil || kept.Entries[0].ID != text {
					t.Error("what was put is not read", err)
				}
			}
		})
	}
	all.Wait()
	members := make([][]int, files)
	for id := range members {
		members[id] = []int{id}
	}
	l.Regroup(nil, make([]Group, files), members)
}

func TestWhatManySpillAtOnceIsKept(t *testing.T) {
	l := open(t, t.TempDir())
	many(t, l, 400, 20_000)
	want := state(t, l)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	less := cmpopts.SortSlices(func(a, b any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(want, state(t, open(t, l.dir)), less, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%.2000s", diff)
	}
}

// Where nothing more can be written memory has to do, and saving says so.
func TestWhatCannotBeSpilledIsHeld(t *testing.T) {
	full := filepath.Join(t.TempDir(), "full")
	if err := os.WriteFile(full, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, t.TempDir())
	l.dir = filepath.Join(full, "ledger") // where no folder can be made
	many(t, l, 400, 20_000)
	if err := l.Save(false); err == nil {
		t.Error("it was saved below a file")
	}

	l = open(t, t.TempDir())
	many(t, l, 40, 20_000)
	l.spill.file.Close() // no write succeeds from here on
	k := &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: strings.Repeat("y", spillSize), Time: noon}}}}}
	id := l.Put(-1, File{Source: "s", Name: "/y", Path: "y", Group: NoGroup}, k, nil)
	if kept, err := l.Part(id); err != nil || kept.Entries[0].ID != k.Entries[0].ID {
		t.Error("what was put is not read", err)
	}
	if err := l.Save(false); err == nil {
		t.Error("it was saved without what was spilled")
	}
	if all, _ := generations(l.dir); len(all) > 0 {
		t.Error("generations", all)
	}
}

// Who is stopped in the middle of a first scan leaves what it spilled to the next writer, to be removed.
func TestWhatAStoppedScanSpilledIsRemoved(t *testing.T) {
	dir := t.TempDir()
	many(t, open(t, dir), 40, 20_000)
	stopped, _ := filepath.Glob(filepath.Join(dir, newPrefix+"*"))
	saved(t, dir, 1)
	if left, _ := filepath.Glob(filepath.Join(dir, newPrefix+"*")); len(left) > 0 || len(stopped) != 1 {
		t.Errorf("of %v are left %v", stopped, left)
	}
}

// A change of the last of many files is a small frame behind a large one.
func TestASmallChangeOfALargeLedgerIsRead(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	var add []Group
	var members [][]int
	for n := range 3000 {
		k := &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: fmt.Sprint(n), Model: "m", Time: noon}}}}}
		add = append(add, Group{Tallies: []Tally{{Source: "s", Dropped: 1}}})
		members = append(members, []int{l.Put(-1, File{Source: "s", Name: fmt.Sprint("/", n), Path: fmt.Sprint(n), Group: NoGroup}, k, nil)})
	}
	l.Regroup(nil, add, members)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		l := open(t, dir)
		f := *l.File(2999)
		f.Revision = round + 1
		l.Put(2999, f, &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: "x", Model: "m", Time: noon}}}}}, nil)
		l.Regroup([]uint32{f.Group}, []Group{{}}, [][]int{{2999}})
		want := state(t, l)
		if err := l.Save(false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, state(t, open(t, dir))); diff != "" {
			t.Fatalf("round %d: %s", round, diff)
		}
	}
}

// A writer can be stopped at every byte: what was saved before is there.
func TestAWriteThatBreaksOffChangesNothing(t *testing.T) {
	dir := t.TempDir()
	states := saved(t, dir, 2)
	name := generationFile(dir, 1)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first := open(t, dir).first
	for size := first; size <= int64(len(whole)); size++ {
		if err := os.WriteFile(name, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		want := states[0]
		if size == int64(len(whole)) {
			want = states[1]
		}
		l, err := Open(dir)
		if err != nil {
			t.Fatalf("%d of %d bytes: %v", size, len(whole), err)
		}
		if diff := cmp.Diff(want, state(t, l)); diff != "" {
			t.Fatalf("%d of %d bytes: %s", size, len(whole), diff)
		}
		if size%97 == 0 { // and the next writer goes on
			fill(l, 3)
			if err := l.Save(false); err != nil {
				t.Fatal(err)
			}
			if got := state(t, open(t, dir)); cmp.Diff(states[1][len(states[1])-5:], got[len(got)-5:]) == "" {
				t.Fatal("nothing was saved")
			}
		}
		l.Close()
	}
}

// One wrong byte anywhere is noticed, or changes nothing, and of what is whole nothing is lost.
func TestDamageIsNoticedAndWhatIsWholeIsSalvaged(t *testing.T) {
	for _, rounds := range []int{1, 2} {
		dir := t.TempDir()
		spoil(t, dir, saved(t, dir, rounds))
	}
}

// spoil changes every byte of a ledger in turn.
func spoil(t *testing.T, dir string, states [][]any) {
	t.Helper()
	name := generationFile(dir, 1)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write := func(at int, c byte) {
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt([]byte{c}, int64(at)); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil { // what is open cannot be renamed everywhere
			t.Fatal(err)
		}
	}
	for at := range whole {
		if at > 0 {
			write(at-1, whole[at-1])
		}
		write(at, whole[at]^0x41)
		l, err := Open(dir)
		if err == nil {
			if s, err := said(l); err == nil && cmp.Diff(states[len(states)-1], s) != "" && cmp.Diff(states[0], s) != "" {
				t.Fatalf("byte %d: something else is read", at)
			}
			l.Close()
			continue
		}
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Fatal(at, err)
		}
		if at%7 != 0 {
			continue
		}
		l, as, err := SetAside(t.Context(), dir, noon, noNames)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range l.Each {
			if !f.Stale {
				t.Error("a file that was salvaged would not be read again")
			}
			n++
		}
		if n != 3 {
			t.Fatalf("byte %d: %d files are left", at, n)
		}
		l.Close()
		if err := errors.Join(os.Remove(generationFile(dir, 2)), os.Rename(as, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func noNames(string, *Kept) []uint32 { return nil }

func TestANewerLedgerIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	saved(t, dir, 1)
	name := generationFile(dir, 1)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[4]++
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrNewer) {
		t.Fatal(err)
	}
	_, as, err := SetAside(t.Context(), dir, noon, noNames)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(as); err != nil || string(kept) != string(b) {
		t.Error("it was changed", err)
	}
}

// Of two that opened the same state the first one saves; what the second one found it finds again.
func TestWhoComesSecondSavesNothing(t *testing.T) {
	for _, before := range []int{0, 1} {
		dir := t.TempDir()
		saved(t, dir, before)
		a, b := open(t, dir), open(t, dir)
		fill(a, 5)
		fill(b, 6)
		if err := a.Save(false); err != nil {
			t.Fatal(err)
		}
		want := state(t, open(t, dir))
		if err := b.Save(false); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, state(t, open(t, dir))); diff != "" {
			t.Error(diff)
		}
	}
}

// Who opened a ledger before a newer version wrote behind its end leaves that alone.
func TestWhatANewerVersionAddedIsNotWrittenOver(t *testing.T) {
	dir := t.TempDir()
	saved(t, dir, 1)
	l := open(t, dir)
	saved(t, dir, 1)
	name := generationFile(dir, 1)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[l.end+4]++ // the version in the head of what was added
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	fill(l, 2)
	if err := l.Save(false); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, b) {
		t.Error("it was changed", err)
	}
}

func TestTheLogIsFoldedInOnceItIsLong(t *testing.T) {
	dir := t.TempDir()
	saved(t, dir, 1)
	for round := 2; ; round++ {
		l := open(t, dir)
		if l.generation > 1 {
			break
		}
		if l.end > 3*minLog {
			t.Fatal("it grows and grows")
		}
		l.Put(0, File{Source: "s", Name: "/f0", Path: "f0"}, &Kept{Part: source.Part{Entries: []source.Entry{{Record: usage.Record{ID: string(make([]byte, 200_000))}}}}}, nil)
		if err := l.Save(false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyTheOwnerCanReadIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "ledger")
	saved(t, dir, 2)
	for _, name := range []string{dir, filepath.Join(dir, "history-1"), filepath.Join(dir, "lock")} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s: %v", name, info.Mode())
		}
	}
}

func TestWhatIsRecentIsKeptAgain(t *testing.T) {
	dir := t.TempDir()
	saved(t, dir, 1)
	l := open(t, dir)
	old := func() bool { return l.RecentIsOld(time.Now()) }
	if !old() {
		t.Error("it was never kept")
	}
	if err := l.SaveRecent(nil, time.Now())(); err != nil {
		t.Fatal(err)
	}
	if old() {
		t.Error("it was kept just now")
	}
	for _, at := range []time.Time{time.Now().Add(-time.Hour), time.Now().Add(-recentAge - time.Second)} {
		if err := os.Chtimes(recentFile(dir), at, at); err != nil {
			t.Fatal(err)
		}
		if !old() {
			t.Errorf("it was kept at %s", at)
		}
	}
}

func TestWhatIsRecentIsReadAlone(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	cell := func(session string, hours int) usage.Cell {
		at := noon.Add(-time.Duration(hours) * time.Hour)
		return usage.Cell{Start: at, Source: "s", Session: session, Tier: usage.Standard, First: at, Last: at}
	}
	all := []usage.Cell{cell("old", 100), cell("long", 90), cell("long", 3), cell("new", 1)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := l.SaveRecent(all, noon)(); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRecent(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Recent{At: noon, Cells: all[1:]}, got); diff != "" {
		t.Error(diff)
	}
}

// A file that was in no group yet takes none along, also where an int has 32 bits.
func TestNoGroupIsNoneToDrop(t *testing.T) {
	l := New()
	fill(l, 1)
	want := state(t, l)
	l.Regroup([]uint32{NoGroup}, nil, nil)
	if diff := cmp.Diff(want, state(t, l)); diff != "" {
		t.Error(diff)
	}
}

// A checksum that fits says nothing of who made it.
func TestAPlaceOutsideOfItsFrameIsDamage(t *testing.T) {
	in := area{at: 100, size: 50}
	for _, c := range []struct {
		at, size int64
		want     place
	}{
		{0, 50, place{at: 100, size: 50}}, {20, -30, place{at: 120, size: 30, delta: true}}, {50, 0, place{at: 150}},
		{-1, 1, place{}}, {0, 51, place{}}, {1, -50, place{}}, {math.MaxInt64, 1, place{}}, {0, math.MaxInt64, place{}}, {0, math.MinInt64, place{}}, {51, 0, place{}},
	} {
		var e encoder
		e.int(c.at)
		e.int(c.size)
		d := decoder{s: string(e.b)}
		got := d.place(in)
		if outside := c.want.at == 0; got.at != c.want.at || got.size != c.want.size || got.delta != c.want.delta || d.bad != outside {
			t.Errorf("%d bytes at %d: %+v, bad %t", c.size, c.at, got, d.bad)
		}
	}
}

// Whatever lies in the place of a ledger, it is read in bounded memory, and never as something that it is not.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	saved(f, dir, 2)
	whole, err := os.ReadFile(generationFile(dir, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	f.Add([]byte(magic))
	f.Add([]byte(open(f, dir).blocks[0].text))
	f.Add(whole[headSize+recordHead:])
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(generationFile(dir, 1), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := Open(dir); err == nil {
			if _, err := said(l); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			l.Close()
		}
		// Checksums keep most of it away from the decoders, so they are tried alone too.
		l := New()
		if anywhere := (area{size: 1 << 20}); l.block(string(b), anywhere, anywhere) == nil {
			for _, try := range []func() error{
				func() error { _, err := said(l); return err },
				func() error { _, _, err := l.Cells(nil); return err },
				l.readTold,
			} {
				if err := try(); err != nil && !errors.Is(err, ErrDamaged) {
					t.Fatal(err)
				}
			}
		}
		d := decoder{s: string(b)}
		d.file(new(File))
		d.part()
		l.salvage(b, noNames)
	})
}
