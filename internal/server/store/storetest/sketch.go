package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// SketchOf is what a client makes of responses with these names.
func SketchOf(names ...string) store.Sketch {
	var marks [][]byte
	for _, name := range names {
		sum := sha256.Sum256([]byte(name))
		marks = append(marks, sum[:store.MarkBytes])
	}
	slices.SortFunc(marks, bytes.Compare)
	marks = slices.CompactFunc(marks, bytes.Equal)
	return bytes.Join(marks[:min(len(marks), store.SketchMarks)], nil)
}

// Names are of n responses, told from others by what they begin with.
func Names(of string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint(of, i))
	}
	return names
}

const oneDay = "2026-11-20"

// told is a day of responses, with a sketch of them. Two days of as many tokens have the same print.
func told(tokens int64, names ...string) (usage.Day, store.Sketch) {
	return day(oneDay, "codex", "gpt-5", tokens, 1), SketchOf(names...)
}

// sketched is an upload of one day with its sketch.
func sketched(seq int64, d usage.Day, s store.Sketch) store.Upload {
	up := printed(seq, d)
	up.Sketches = map[store.Cell]store.Sketch{{Day: d.Date, Source: d.Source}: s}
	return up
}

func wantCopies(t *testing.T, s store.Store, who store.Actor, want ...store.Hold) {
	t.Helper()
	for i := range want {
		want[i].Reason = store.ReasonCopy
	}
	got := must[[]store.Hold](t)(s.HoldsOf(t.Context(), who))
	for i := range got {
		got[i].Value, got[i].Tokens = 0, 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("copies (-want +got):\n%s", diff)
	}
}

// A single day that two devices have counts once, on the larger of them or the first, whichever came first; and twice as soon as they
// share less than half of it. Fails without Sketches, without Size, and with another share.
func testSketches(t *testing.T, s store.Store) {
	copyOf := func(device, original string, share int) store.Hold {
		return store.Hold{Day: oneDay, Source: "codex", Device: device, Original: original, Share: share}
	}
	same := Names("same", 40)
	for i, tt := range []struct {
		name          string
		laptop, phone []string
		tokens        [2]int64
		want          []store.Hold
		counts        []int // of the two, which
	}{
		{"a whole copy", same, same, [2]int64{400, 400}, []store.Hold{copyOf("phone", "laptop", 100)}, []int{0}},
		{"a whole copy of many", Names("many", 3000), Names("many", 3000), [2]int64{9000, 9000}, []store.Hold{copyOf("phone", "laptop", 100)}, []int{0}},
		{"the copy went on", same, append(Names("phone", 10), same...), [2]int64{400, 500}, []store.Hold{copyOf("laptop", "phone", 100)}, []int{1}},
		{"the original went on", append(Names("laptop", 10), same...), same, [2]int64{500, 400}, []store.Hold{copyOf("phone", "laptop", 100)}, []int{0}},
		{"both went on", append(Names("laptop", 10), same...), append(Names("phone", 20), same...), [2]int64{500, 600},
			[]store.Hold{copyOf("laptop", "phone", 80)}, []int{1}},
		{"half of the smaller", append(Names("laptop", 40), same...), append(Names("phone", 60), same[:20]...), [2]int64{600, 800}, nil, []int{0, 1}},
		{"just half of the smaller", append(Names("laptop", 20), same[:20]...), append(Names("phone", 60), same[:20]...), [2]int64{400, 800},
			[]store.Hold{copyOf("laptop", "phone", 50)}, []int{1}},
		{"work of their own", Names("laptop", 500), Names("phone", 500), [2]int64{900, 900}, nil, []int{0, 1}},
		{"one response of many", append(Names("laptop", 40), "x"), append(Names("phone", 40), "x"), [2]int64{410, 420}, nil, []int{0, 1}},
	} {
		for _, first := range []int{0, 1} {
			user := fmt.Sprintf("user-%d-%d", i, first)
			laptop := enrol(t, s, user)
			phone := pair(t, s, laptop.User, user, "phone")
			share(t, s, laptop, store.Public)
			var days [2]usage.Day
			var ups [2]store.Upload
			for j, names := range [][]string{tt.laptop, tt.phone} {
				d, sketch := told(tt.tokens[j], names...)
				days[j], ups[j] = d, sketched(1, d, sketch)
			}
			actors := [2]store.Actor{laptop, phone}
			put(t, s, actors[first], ups[first])
			put(t, s, actors[1-first], ups[1-first])
			var counting []usage.Day
			for _, j := range tt.counts {
				counting = append(counting, days[j])
			}
			wantTotal(t, s, laptop, counting...)
			wantCopies(t, s, laptop, tt.want...)
			line := must[store.Line](t)(s.LineOf(t.Context(), store.Board{Period: "2026-11", Metric: store.ByTokens}, laptop, laptop.User))
			if total := figures(counting...).Tokens.Total(); line.Value != total {
				t.Errorf("%s: on the board with %d, want %d", tt.name, line.Value, total)
			}
			if t.Failed() {
				t.Fatalf("%s, device %d first", tt.name, first)
			}
		}
	}
}

// What is a copy is found anew with every upload: it ends when a day goes on, when its device takes it back, and when it sends no
// sketch any more; released, it counts for as long as it would be one.
func testSketchesChange(t *testing.T, s store.Store) {
	laptop := enrol(t, s, "mira")
	phone := pair(t, s, laptop.User, "mira", "phone")
	same := Names("same", 30)
	d, sketch := told(300, same...)
	put(t, s, laptop, sketched(1, d, sketch))
	put(t, s, phone, sketched(1, d, sketch))
	wantTotal(t, s, laptop, d)

	more, grown := told(700, append(Names("phone", 40), same...)...)
	put(t, s, phone, sketched(2, more, grown)) // the laptop's is within it
	wantTotal(t, s, laptop, more)
	own, ownSketch := told(900, append(Names("laptop", 60), same...)...)
	put(t, s, laptop, sketched(2, own, ownSketch)) // 30 of the phone's 70 are here
	wantTotal(t, s, laptop, more, own)
	wantCopies(t, s, laptop)

	back := sketched(3, d, sketch)
	back.Replace = true
	put(t, s, phone, back)
	wantTotal(t, s, laptop, own)
	put(t, s, phone, printed(4, d)) // without a sketch, and one day alike is too few to tell by prints
	wantTotal(t, s, laptop, own, d)
	again := sketched(5, d, sketch)
	put(t, s, phone, again)
	wantTotal(t, s, laptop, own)

	if err := s.ReleaseHold(t.Context(), laptop.User, oneDay, "codex", Noon); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, s, laptop, own, d)
	again.Seq = 6
	again.Judge = func(r store.Review) ([]store.Hold, error) {
		if len(r.Rows) != 2 {
			t.Errorf("the judge sees %d rows of two that count", len(r.Rows))
		}
		return nil, nil
	}
	put(t, s, phone, again)
	wantTotal(t, s, laptop, own, d)
	wantCopies(t, s, laptop)

	gone := printed(3)
	gone.Gone = []store.Cell{{Day: oneDay, Source: "codex"}}
	put(t, s, laptop, gone)
	wantTotal(t, s, laptop, d)
}

// The device that had a day's larger part takes it back, and the other's counts.
func testSketchesGone(t *testing.T, s store.Store) {
	laptop := enrol(t, s, "mira")
	phone := pair(t, s, laptop.User, "mira", "phone")
	d, sketch := told(300, Names("same", 30)...)
	put(t, s, laptop, sketched(1, d, sketch))
	put(t, s, phone, sketched(1, d, sketch))
	wantTotal(t, s, laptop, d)
	blind := upload(2, day(oneDay, "amp", "gpt-5", 1, 1)) // that compares nothing
	blind.Judge = func(r store.Review) ([]store.Hold, error) {
		if len(r.Rows) != 2 {
			t.Errorf("the judge sees %d rows of two that count", len(r.Rows))
		}
		return nil, nil
	}
	put(t, s, phone, blind)
	wantTotal(t, s, laptop, d, blind.Days[0])
	gone := printed(2)
	gone.Gone = []store.Cell{{Day: oneDay, Source: "codex"}}
	put(t, s, laptop, gone)
	wantCopies(t, s, laptop)
	wantTotal(t, s, laptop, d, blind.Days[0])
	if rows := must[[]usage.Day](t)(s.DeviceDays(t.Context(), laptop, phone.Device, oneDay, oneDay)); len(rows) != 2 {
		t.Errorf("of the phone's day %v is left", rows)
	}
}

// What an account's only device sent is compared with what a second one sends; also what it sent again, and no more of what it sent first.
func testSketchesOfAnOnlyDevice(t *testing.T, s store.Store) {
	laptop := enrol(t, s, "mira")
	d, sketch := told(300, Names("first", 30)...)
	put(t, s, laptop, sketched(1, d, sketch))
	d, sketch = told(400, Names("same", 30)...)
	put(t, s, laptop, sketched(2, d, sketch))
	phone := pair(t, s, laptop.User, "mira", "phone")
	first, was := told(200, Names("first", 30)...)
	put(t, s, phone, sketched(1, first, was))
	wantTotal(t, s, laptop, d, first)
	again, now := told(350, Names("same", 30)...)
	put(t, s, phone, sketched(2, again, now))
	wantTotal(t, s, laptop, d)
	wantCopies(t, s, laptop, store.Hold{Day: oneDay, Source: "codex", Device: "phone", Original: "laptop", Share: 100})
}

// Of three devices each part counts that is not within one that counts by itself.
func testSketchesOfThree(t *testing.T, s store.Store) {
	laptop := enrol(t, s, "mira")
	phone, desk := pair(t, s, laptop.User, "mira", "phone"), pair(t, s, laptop.User, "mira", "desk")
	a, b, c := Names("a", 40), Names("b", 20), Names("c", 8)
	large, one := told(900, append(a, b[:5]...)...)
	middle, two := told(500, append(a[:20:20], b...)...) // half of it is in the large one
	small, three := told(200, append(b[10:18:18], c[:7]...)...)
	put(t, s, desk, sketched(1, small, three))
	put(t, s, phone, sketched(1, middle, two))
	wantTotal(t, s, laptop, middle)
	put(t, s, laptop, sketched(1, large, one))
	// The small one is within the middle one, which does not count itself.
	wantTotal(t, s, laptop, large, small)
	wantCopies(t, s, laptop, store.Hold{Day: oneDay, Source: "codex", Device: "phone", Original: "laptop", Share: 62})
	// Once that one was released it does, and still nothing else waits for it.
	if err := s.ReleaseHold(t.Context(), laptop.User, oneDay, "codex", Noon); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, s, laptop, large, middle, small)
	put(t, s, desk, sketched(2, small, three))
	wantTotal(t, s, laptop, large, middle, small)
	wantCopies(t, s, laptop)
}

// Where both days have a sketch it tells, whatever their prints say; days with and without count together as days in common.
func testSketchesBesidePrints(t *testing.T, s store.Store) {
	laptop := enrol(t, s, "mira")
	phone := pair(t, s, laptop.User, "mira", "phone")
	days := history(6)
	of := func(device string, seq int64, sketches int) store.Upload {
		up := printed(seq, days...)
		up.Sketches = make(map[store.Cell]store.Sketch)
		for _, d := range days[:sketches] {
			up.Sketches[store.Cell{Day: d.Date, Source: d.Source}] = SketchOf(Names(device+d.Date, 20)...)
		}
		return up
	}
	put(t, s, laptop, of("laptop", 1, 6))
	put(t, s, phone, of("phone", 1, 6))
	wantTotal(t, s, laptop, append(days[:6:6], days...)...) // work of their own that happens to count the same

	put(t, s, laptop, of("same", 2, 4))
	put(t, s, phone, of("same", 2, 4))
	wantTotal(t, s, laptop, days...)
	var want []store.Hold
	for i, d := range days {
		want = append(want, store.Hold{Day: d.Date, Source: "codex", Device: "phone", Original: "laptop"})
		if i < 4 {
			want[i].Share = 100
		}
	}
	wantCopies(t, s, laptop, want...)
	up := of("same", 3, 4)
	up.Days = days[5:] // what it does not name stays
	up.Sketches = nil
	put(t, s, phone, up)
	wantCopies(t, s, laptop, want...)
}

// Nobody's sketch says anything of another account's, nor of another day or tool.
func testSketchesApart(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	phone := pair(t, s, mira.User, "mira", "phone")
	d, sketch := told(300, Names("same", 30)...)
	other, later := d, d
	other.Source, later.Date = "amp", "2026-11-21"
	put(t, s, mira, sketched(1, d, sketch))
	put(t, s, adam, sketched(1, d, sketch))
	put(t, s, phone, sketched(1, other, sketch))
	put(t, s, phone, sketched(2, later, sketch))
	wantTotal(t, s, mira, d, other, later)
	wantTotal(t, s, adam, d)
}
