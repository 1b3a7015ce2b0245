package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// printed is an upload whose history is compared with others.
func printed(seq int64, days ...usage.Day) store.Upload {
	up := upload(seq, days...)
	up.Print = func(rows []usage.Day) store.Hash {
		if len(rows) == 0 {
			return store.Hash{}
		}
		sums := map[string]usage.Tokens{}
		for _, d := range rows {
			sums[d.Model] = sums[d.Model].Add(d.Tokens)
		}
		return store.HashOf(fmt.Sprint(rows[0].Date, rows[0].Source, sums))
	}
	return up
}

// history is some days of a tool, no two of them alike.
func history(n int) []usage.Day {
	var days []usage.Day
	for i := range n {
		days = append(days, day(fmt.Sprintf("2026-11-%02d", 1+i), "codex", "gpt-5", int64(100+i), 7))
	}
	return days
}

// A history that was copied to a second device counts once, from the fifth day that both have. Fails without compare.
func testCopies(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	share(t, s, mira, store.Public)
	days, own := history(6), day("2026-11-23", "codex", "gpt-5", 5000, 1)
	put(t, s, mira, printed(1, days...))

	put(t, s, phone, printed(1, append(days[:4:4], own)...))
	wantTotal(t, s, mira, append(append(days[:6:6], days[:4]...), own)...)
	if holds := must[[]store.Hold](t)(s.HoldsOf(t.Context(), mira)); len(holds) != 0 {
		t.Errorf("four days in common are held: %+v", holds)
	}

	r := put(t, s, phone, printed(2, days...))
	all := append(days[:6:6], own)
	wantTotal(t, s, mira, all...)
	if diff := gocmp.Diff(figures(all...), r.Total); diff != "" {
		t.Errorf("receipt's total (-want +got):\n%s", diff)
	}
	var want []store.Hold
	for _, d := range days {
		want = append(want, store.Hold{Day: d.Date, Source: "codex", Reason: store.ReasonCopy, Value: phone.Device, Tokens: d.Tokens.Total(),
			Device: "phone", Original: "laptop"})
	}
	if diff := gocmp.Diff(want, must[[]store.Hold](t)(s.HoldsOf(t.Context(), mira))); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(want, r.Held); diff != "" {
		t.Errorf("receipt's holds (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(append(days[:6:6], own), daysOf(t, s, mira, mira.User)); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	line := must[store.Line](t)(s.LineOf(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}, mira, mira.User))
	if total := figures(all...).Tokens.Total(); line.Value != total {
		t.Errorf("on the board with %d, want %d", line.Value, total)
	}
	// The lines are drawn without what counts elsewhere.
	up := printed(3, days[0])
	up.Judge = func(r store.Review) ([]store.Hold, error) {
		for _, row := range r.Rows {
			if row.Device == phone.Device && row.Date != own.Date {
				t.Errorf("the judge sees the copy of %s", row.Date)
			}
		}
		return nil, nil
	}
	put(t, s, phone, up)

	// Released, a day counts twice, and stays so.
	if err := s.ReleaseHold(t.Context(), mira.User, days[5].Date, "codex", Noon); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "releasing twice", s.ReleaseHold(t.Context(), mira.User, days[5].Date, "codex", Noon), store.ErrNotFound)
	wantTotal(t, s, mira, append(all, days[5])...)
	put(t, s, phone, printed(4, days...))
	wantTotal(t, s, mira, append(all, days[5])...)

	// A day that goes on differently on the second device is a day of its own, and the rest is still a copy.
	more := days[0]
	more.Tokens.Input, more.Cost = 900, 90_700
	put(t, s, phone, printed(5, more))
	wantTotal(t, s, mira, append(all, days[5], more)...)
}

// Devices that share too little, once a day is put right, are no copies any more.
func testCopiesEnd(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	days := history(5)
	put(t, s, mira, printed(1, days...))
	put(t, s, phone, printed(1, days...))
	wantTotal(t, s, mira, days...)
	up := printed(2, day(days[4].Date, "codex", "gpt-5", 3, 3))
	up.Replace = true
	put(t, s, phone, up)
	wantTotal(t, s, mira, append(append(days[:5:5], days[:4]...), up.Days...)...)
}

// What somebody else sent first is told of to the judge of whoever sends it too, and to nobody else's. Fails without shared.
func testShared(t *testing.T, s store.Store) {
	mira, adam, zoe := enrol(t, s, "mira"), enrol(t, s, "adam"), enrol(t, s, "zoe")
	days := history(6)
	seen := func(who store.Actor, seq int64, at time.Duration, days ...usage.Day) int {
		n := -1
		up := printed(seq, days...)
		up.At = Noon.Add(at)
		if seq == 3 { // a sketch makes a day no younger
			up.Sketches = make(map[store.Cell]store.Sketch)
			for _, d := range days {
				up.Sketches[store.Cell{Day: d.Date, Source: d.Source}] = SketchOf("x")
			}
		}
		up.Judge = func(r store.Review) ([]store.Hold, error) {
			n = len(r.Shared)
			return nil, nil
		}
		put(t, s, who, up)
		return n
	}
	for _, tt := range []struct {
		name string
		got  int
		want int
	}{
		{"the first", seen(mira, 1, 0, days...), 0},
		{"four days", seen(adam, 1, time.Hour, days[:4]...), 0},
		{"a fifth", seen(adam, 2, 2*time.Hour, days[4]), 1},
		{"all days", seen(zoe, 1, 3*time.Hour, days...), 6},
		{"the first again", seen(mira, 2, 4*time.Hour, days...), 0},
		{"the first with sketches", seen(mira, 3, 5*time.Hour, days...), 0},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d shared cells, want %d", tt.name, tt.got, tt.want)
		}
	}
}

// A row that moves to another key was first seen when its cell was; the judge sees the account's whole standing.
func testStanding(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	old := day("2026-11-21", "codex", "other", 10, 0)
	put(t, s, mira, upload(1, old))
	named := day("2026-11-21", "codex", "gpt-5", 10, 0)
	up := upload(2, named, day("2026-11-22", "codex", "gpt-5", 5, 0))
	up.Replace, up.At, up.Parsers = true, Noon.AddDate(0, 0, 30), map[string]int{"codex": 3}
	var got store.Review
	up.Judge = func(r store.Review) ([]store.Hold, error) {
		got = r
		return nil, nil
	}
	put(t, s, mira, up)
	if len(got.Rows) != 2 || got.Stored != 2 || len(got.Devices) != 1 || got.Past != (store.Past{Days: 1, Tokens: 5}) {
		t.Errorf("review %+v", got)
	}
	for _, r := range got.Rows {
		first := map[string]time.Time{"2026-11-21": Noon, "2026-11-22": up.At}[r.Date]
		if !r.First.Equal(first) || r.Parser != 3 || r.Device != mira.Device {
			t.Errorf("row of %s: first seen %s by revision %d", r.Date, r.First, r.Parser)
		}
	}
	up = upload(1, named)
	up.Judge = func(r store.Review) ([]store.Hold, error) {
		got = r
		return nil, nil
	}
	put(t, s, phone, up)
	if len(got.Devices) != 2 || got.Devices[0] != mira.Device || got.Stored != 3 {
		t.Errorf("review of the second device %+v", got)
	}
}

// A newer parser that confirms a row is noted, and nothing else changes; an older one is not.
func testRevisions(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	d := day("2026-11-23", "codex", "gpt-5", 10, 1)
	for i, tt := range []struct{ revision, written, want int }{{2, 1, 2}, {3, 1, 3}, {3, 0, 3}, {1, 0, 3}} {
		up := upload(int64(i+1), d)
		up.Parsers = map[string]int{"codex": tt.revision}
		up.Judge = func(r store.Review) ([]store.Hold, error) {
			if r.Rows[0].Parser != tt.want {
				t.Errorf("after revision %d the row has %d", tt.revision, r.Rows[0].Parser)
			}
			return nil, nil
		}
		if r := put(t, s, mira, up); r.Written != tt.written {
			t.Errorf("revision %d: %+v", tt.revision, r)
		}
	}
	wantTotal(t, s, mira, d)
}

// A device says of cells that nothing is left of them: they are gone, and nobody else's.
func testGone(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	a, b := day("2026-11-22", "codex", "gpt-5", 10, 1), day("2026-11-22", "amp", "gpt-5", 20, 1)
	put(t, s, mira, upload(1, a, b))
	put(t, s, phone, upload(1, a))
	up := upload(2)
	up.Gone = []store.Cell{{Day: "2026-11-22", Source: "codex"}, {Day: "2026-11-01", Source: "codex"}}
	if r := put(t, s, mira, up); r.Written != 1 || r.Device.Tokens.Total() != 21 {
		t.Errorf("receipt %+v", r)
	}
	wantTotal(t, s, mira, a, b)
}

// testSharedWalk walks at random through uploads of three accounts that often send the same, some of them refused, while lines are made
// behind them or not. The judge is told each time what an account has that another sent first.
func testSharedWalk(t *testing.T, s store.Store) {
	const days, steps = 8, 60
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	type sent struct {
		tokens int64
		at     int
	}
	var people []store.Actor
	has := make(map[int64]map[string]sent)
	for _, handle := range []string{"mira", "adam", "zoe"} {
		who := enrol(t, s, handle)
		people, has[who.User] = append(people, who), make(map[string]sent)
	}
	want := func(user int64, from string) (cells []store.Cell) {
		shared := make(map[string]bool)
		for other, theirs := range has {
			var same []string
			for day, mine := range has[user] {
				if first, too := theirs[day]; other != user && too && first.tokens == mine.tokens && (first.at < mine.at || first.at == mine.at && other < user) {
					same = append(same, day)
				}
			}
			for _, day := range same {
				shared[day] = shared[day] || len(same) >= store.MinShared
			}
		}
		for _, day := range slices.Sorted(maps.Keys(shared)) {
			if shared[day] && day >= from {
				cells = append(cells, store.Cell{Day: day, Source: "codex"})
			}
		}
		return cells
	}
	refused := errors.New("refused")
	for step := 1; step <= steps; step++ {
		if r.IntN(4) == 0 {
			if _, err := s.CatchUp(t.Context(), 1+r.IntN(3), Noon.AddDate(1, 0, 0)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		who := people[r.IntN(len(people))]
		before, after := has[who.User], maps.Clone(has[who.User])
		var rows []usage.Day
		for i := range days {
			if r.IntN(3) == 0 {
				continue
			}
			d := day(Noon.AddDate(0, 0, i-days).Format(time.DateOnly), "codex", "gpt-5", int64(100+r.IntN(5)/4), 10)
			rows = append(rows, d)
			if before[d.Date].tokens != d.Tokens.Total() {
				after[d.Date] = sent{d.Tokens.Total(), step}
			}
		}
		if len(rows) == 0 {
			continue
		}
		up := printed(int64(step), rows...)
		up.Replace, up.At = true, Noon.Add(time.Duration(step)*time.Second)
		refuse := r.IntN(5) == 0
		var got []store.Cell
		up.Judge = func(seen store.Review) ([]store.Hold, error) {
			got = slices.Clone(seen.Shared)
			if refuse {
				return nil, refused
			}
			var holds []store.Hold
			for _, c := range seen.Shared {
				holds = append(holds, store.Hold{Day: c.Day, Source: c.Source, Reason: "shared", Line: store.MinShared, Value: store.MinShared})
			}
			return holds, nil
		}
		has[who.User] = after
		_, err := s.PutDays(t.Context(), who, up)
		if refuse != errors.Is(err, refused) || !refuse && err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if refuse { // which it may have been before others were looked at
			has[who.User] = before
			continue
		}
		slices.SortFunc(got, func(a, b store.Cell) int { return cmp.Compare(a.Day, b.Day) })
		if w := want(who.User, rows[0].Date); !slices.Equal(got, w) {
			t.Fatalf("step %d: account %d shares %v, want %v", step, who.User, got, w)
		}
	}
}
