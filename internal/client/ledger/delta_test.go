package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// longEntry is one of a long session.
func longEntry(random *rand.Rand, n int) source.Entry {
	e := source.Entry{Request: fmt.Sprintf("req_%020d", n), Record: usage.Record{ID: fmt.Sprintf("msg_%026d", n), Model: []string{"a", "b"}[random.IntN(2)],
		Session: "s", Project: "/p", Time: noon.Add(time.Duration(n) * time.Minute), Tokens: usage.Tokens{Input: 1, CacheRead: random.Int64N(1e6), Output: 1 + random.Int64N(999)}}}
	if random.IntN(50) == 0 {
		e.Model = fmt.Sprint("model of ", n)
	}
	return e
}

// change makes of what a file said what it says after a while. Most often that is more, at its end.
func change(random *rand.Rand, k *Kept) {
	n := len(k.Entries)
	for range random.IntN(5) {
		k.Entries = append(k.Entries, longEntry(random, n))
		n++
	}
	switch random.IntN(12) {
	case 0:
		k.Entries[random.IntN(n)].Tokens.Output++
	case 1:
		k.Entries = slices.Delete(k.Entries, 3, 4)
	case 2:
		k.Models = append(k.Models, source.ModelFrom{Model: "c", Time: noon})
	case 3:
		k.Session = fmt.Sprint("s", random.IntN(3))
	case 4:
		k.Lost = make([]bool, len(k.Entries))
		k.Lost[random.IntN(len(k.Entries))] = true
	case 5:
		for range 300 {
			k.Entries = append(k.Entries, longEntry(random, n))
			n++
		}
	}
	k.State = []string{fmt.Sprint(random.IntN(99))}
	for len(k.Again) < len(k.Entries)/2 {
		k.Again = append(k.Again, uint16(random.IntN(3)))
	}
	k.Repeats++
}

// What is kept of long sessions is what was put, however much of it is a delta, also once a ledger was written anew or salvaged.
func TestLongSessionsThatGrowAreKept(t *testing.T) {
	deltas := 0
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 9))
		dir := t.TempDir()
		want := make(map[string]*Kept)
		for step := range 12 {
			l := open(t, dir)
			ids := make(map[string]int)
			for id, f := range l.Each {
				ids[f.Name] = id
			}
			for n := range 3 {
				name := fmt.Sprint("/f", n)
				if step > 0 && random.IntN(2) == 0 {
					continue
				}
				k, id := new(Kept), -1
				if step == 0 {
					for i := range 900 {
						k.Entries = append(k.Entries, longEntry(random, i))
					}
				} else {
					id = ids[name]
					var err error
					if k, err = l.Part(id); err != nil {
						t.Fatal(err)
					}
					if random.IntN(4) == 0 {
						l.origins = nil // it was not read to go on with
					}
				}
				change(random, k)
				f := File{Source: "s", Name: name, Path: name[1:], Group: NoGroup, Stamp: Stamp{Size: random.Int64N(1e9)}}
				id = l.Put(id, f, k, nil)
				if l.files[id].record.delta {
					deltas++
				}
				want[name] = &Kept{Part: k.Part, Lost: k.Lost}
				if got, err := l.Part(id); err != nil || !Same(want[name], got) {
					t.Fatalf("seed %d, step %d: what was just put: %v", seed, step, err)
				}
			}
			save(t, l, random.IntN(5) == 0)
			l.Close()
			l = open(t, dir)
			if err := l.sound(); err != nil {
				t.Fatal(err)
			}
			if !sameKept(want, keptIn(t, l)) {
				t.Fatalf("seed %d, step %d: it is not what was put", seed, step)
			}
			salvaged := New()
			for _, name := range generationsIn(t, dir) {
				b, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				salvaged.salvage(b, func(string, *Kept) []uint32 { return nil })
			}
			if !sameKept(want, keptIn(t, salvaged)) {
				t.Fatalf("seed %d, step %d: what is salvaged is not what was put", seed, step)
			}
		}
	}
	if deltas < 10 {
		t.Errorf("only %d deltas were written", deltas)
	}
}

func sameKept(a, b map[string]*Kept) bool { return maps.EqualFunc(a, b, Same) }

func keptIn(t *testing.T, l *Ledger) map[string]*Kept {
	t.Helper()
	said := make(map[string]*Kept)
	for id, f := range l.Each {
		k, err := l.Part(id)
		if err != nil {
			t.Fatal(err)
		}
		said[f.Name] = k
	}
	return said
}

func generationsIn(t testing.TB, dir string) (names []string) {
	t.Helper()
	all, err := generations(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		names = append(names, generationFile(dir, n))
	}
	return names
}

// longLedger has a session that grew by a response, which is a delta.
func longLedger(t testing.TB) (dir string, whole, delta place) {
	t.Helper()
	dir = t.TempDir()
	random := rand.New(rand.NewPCG(1, 1))
	k := new(Kept)
	for i := range 2000 {
		k.Entries = append(k.Entries, longEntry(random, i))
	}
	l := open(t, dir)
	l.Put(-1, File{Source: "s", Name: "/f", Path: "f", Group: NoGroup}, k, nil)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir)
	whole = l.files[0].record
	k, err := l.Part(0)
	if err != nil {
		t.Fatal(err)
	}
	k.Entries = append(k.Entries, longEntry(random, 2000))
	l.Put(0, *l.File(0), k, nil)
	if err := l.Save(false); err != nil {
		t.Fatal(err)
	}
	return dir, whole, open(t, dir).files[0].record
}

func TestAResponseBehindALongSessionTakesLittle(t *testing.T) {
	_, whole, delta := longLedger(t)
	if !delta.delta || delta.size > 1000 || whole.size < 100_000 {
		t.Errorf("%d bytes behind a record of %d", delta.size, whole.size)
	}
}

// A delta without what it is one of is damage, and no session with a hole in it.
func TestADeltaOfWhatIsDamagedIsDamaged(t *testing.T) {
	for _, where := range []string{"whole", "delta"} {
		dir, whole, delta := longLedger(t)
		at := whole.at + whole.size/2
		if where == "delta" {
			at = delta.at + delta.size - 3
		}
		name := generationsIn(t, dir)[0]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, dir) // a last frame that is damaged is not one; what is open already is read on
		b[at] ^= 1
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Part(0); !errors.Is(err, ErrDamaged) {
			t.Error(where, err)
		}
		salvaged := New()
		salvaged.salvage(b, func(string, *Kept) []uint32 { return nil })
		if n := len(slices.Collect(maps.Values(keptIn(t, salvaged)))); n != map[string]int{"whole": 0, "delta": 1}[where] {
			t.Errorf("%s: of the session %d are left", where, n)
		}
	}
}

// A session with thousands of deltas is put together once, of the newest.
func TestSalvagingReadsASessionOnce(t *testing.T) {
	dir, whole, at := longLedger(t)
	b, err := os.ReadFile(generationsIn(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	deltas := bytes.Repeat(b[at.at:at.at+at.size], 1000)
	spoiled := slices.Clone(b)
	spoiled[whole.at+whole.size/2] ^= 1
	for _, c := range []struct {
		b    []byte
		left int
	}{{append(b, deltas...), 1}, {append(spoiled, deltas...), 0}} {
		l := New()
		l.salvage(c.b, noNames)
		if n := len(keptIn(t, l)); n != c.left || l.spill.size > 3*whole.size {
			t.Errorf("%d files are left, of which %d bytes were written", n, l.spill.size)
		}
	}
}

// What claims to be long over and over is not looked at for good.
func TestSalvagingEnds(t *testing.T) {
	dir, _, _ := longLedger(t)
	b, err := os.ReadFile(generationsIn(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	lie := []byte(recordMagic + "\x00\x00\x02\x00\x00\x00\x00\x00") // of 128 kB
	for n, left := range map[int]int{50: 1, 20_000: 0} {
		l := New()
		l.salvage(append(bytes.Repeat(lie, n), b...), noNames)
		if got := len(keptIn(t, l)); got != left {
			t.Errorf("behind %d of them %d files are left", n, got)
		}
	}
}

func FuzzDelta(f *testing.F) {
	e := encoder{b: []byte(deltaMagic + "\x00\x00\x00\x00\x00\x00\x00\x00")}
	for _, n := range []uint64{64, 90_000, 300, 1, 2} {
		e.uint(n)
	}
	f.Add(e.b, []byte("all"))
	dir, _, at := longLedger(f)
	all, err := os.ReadFile(generationsIn(f, dir)[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(all[at.at:at.at+at.size], all)
	f.Fuzz(func(t *testing.T, b, all []byte) {
		if len(b) >= recordHead { // as if it had been written so
			copy(b, deltaMagic)
			for i, n := range []uint32{uint32(len(b)), checksum(b[recordHead:])} {
				b[4+4*i], b[5+4*i], b[6+4*i], b[7+4*i] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
			}
		}
		d, _, err := parseDelta(b)
		if err == nil {
			_, _, err = d.parse(all)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
	})
}

// Deltas become whole records as they are written, one at a time: all of a home's long sessions at once are more than a report may hold.
func TestWholeRecordsOfDeltasAreNotHeld(t *testing.T) {
	dir, whole, _ := longLedger(t)
	l := open(t, dir)
	save(t, l, true)
	if held := len(l.files[0].record.unwritten); held > 0 {
		t.Errorf("%d bytes are held", held)
	}
	l = open(t, dir)
	if at := l.files[0].record; at.delta || at.size <= whole.size {
		t.Errorf("%+v, which grew from %d bytes", at, whole.size)
	}
	if k, err := l.Part(0); err != nil || len(k.Entries) != 2001 {
		t.Error(err)
	}
}
