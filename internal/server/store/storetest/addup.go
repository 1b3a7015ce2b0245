package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// person is one account of the random walk.
type person struct {
	store.Actor
	seq    int64
	first  map[usage.Key]time.Time // when a row was first received
	begun  store.Visibility        // when the old periods closed
	now    store.Visibility
	hidden store.Hidden
}

// testBoardsAddUp walks at random through uploads, corrections, holds, releases and changes of who sees what. Every board
// is then what its rows add up to, and a closed one is as it was, less who left it.
func testBoardsAddUp(t *testing.T, s store.Store) {
	const people, steps = 4, 36
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var all []*person
	for i := range people {
		p := &person{Actor: enrol(t, s, fmt.Sprint("user", i)), first: make(map[usage.Key]time.Time), begun: store.Visibility(r.IntN(3))}
		p.now = p.begun
		share(t, s, p.Actor, p.begun)
		all = append(all, p)
	}
	before := Noon.AddDate(0, 0, -5)
	for range steps / 3 {
		all[r.IntN(people)].upload(t, s, r, before)
	}
	closed := make(map[store.Board][]store.Line)
	for _, b := range allBoards(before, 3) {
		if periodOf(b.Period, before) {
			for _, p := range all {
				if l, err := s.LineOf(t.Context(), b, p.Actor, p.User); err == nil {
					closed[b] = append(closed[b], l)
				}
			}
		}
	}
	for range steps {
		p := all[r.IntN(people)]
		switch r.IntN(6) {
		case 0:
			p.now = store.Visibility(r.IntN(3))
			share(t, s, p.Actor, p.now)
		case 1:
			p.hidden = store.Hidden(r.IntN(16))
			hide(t, s, p.Actor, p.hidden)
		case 2:
			for _, h := range must[[]store.Hold](t)(s.HoldsOf(t.Context(), p.Actor)) {
				if err := s.ReleaseHold(t.Context(), p.User, h.Day, h.Source, Noon); err != nil {
					t.Fatal(err)
				}
				break
			}
		default:
			p.upload(t, s, r, Noon)
		}
	}
	if err := s.RollOn(t.Context(), Noon.Format(time.DateOnly)); err != nil {
		t.Fatal(err)
	}
	for _, b := range allBoards(Noon, 8) {
		var want []string
		if then, stands := closed[b]; stands {
			want = standing(all, b, then)
		} else if _, _, open := span(b.Period, Noon); !open {
			continue
		} else {
			want = addedUp(t, s, all, b)
		}
		if diff := cmp.Diff(want, lines(t, s, b, nil, 99)); diff != "" {
			t.Errorf("board %+v (-want +got):\n%s", b, diff)
		}
	}
}

// upload sends some rows, in either mode, some of which pass the line and are held.
func (p *person) upload(t *testing.T, s store.Store, r *rand.Rand, at time.Time) {
	p.seq++
	seen := make(map[usage.Key]bool)
	up := upload(p.seq)
	up.At, up.Judge, up.Replace = at, above(90), r.IntN(4) == 0
	for range 1 + r.IntN(6) {
		date := at.AddDate(0, 0, -r.IntN(75)).Format(time.DateOnly)
		if r.IntN(2) == 0 {
			date = at.AddDate(0, 0, -r.IntN(9)).Format(time.DateOnly)
		}
		d := day(date, []string{"codex", "claude-code"}[r.IntN(2)], []string{"gpt-5", "gpt-6", "claude-opus-4-5"}[r.IntN(3)], int64(1+r.IntN(60)), int64(r.IntN(9)))
		if !seen[d.Key] {
			seen[d.Key] = true
			up.Days = append(up.Days, d)
		}
	}
	up.Body, up.Families = store.HashOf(fmt.Sprint(p.seq, up.Days)), families(up.Days)
	told := put(t, s, p.Actor, up)
	want := [2]store.Figures{must[store.Figures](t)(s.SumOf(t.Context(), p.Actor)), must[store.Figures](t)(s.DeviceSum(t.Context(), p.Actor, p.Device))}
	if diff := cmp.Diff(want, [2]store.Figures{told.Total, told.Device}); diff != "" {
		t.Errorf("a receipt says other sums than the rows (-want +got):\n%s", diff)
	}
	for _, d := range up.Days {
		if up.Replace {
			for k := range p.first {
				if k.Date == d.Date && k.Source == d.Source && !seen[k] {
					delete(p.first, k)
				}
			}
		}
		if _, known := p.first[d.Key]; !known {
			p.first[d.Key] = at
		}
	}
}

// allBoards are all boards of the days up to at.
func allBoards(at time.Time, days int) []store.Board {
	periods := map[string]bool{"7d": true, "30d": true}
	for i := range days {
		for _, p := range store.Periods(at.AddDate(0, 0, -i)) {
			periods[p.Name] = true
		}
	}
	var all []store.Board
	for period := range periods {
		for _, source := range []string{"", "codex", "claude-code"} {
			for _, family := range []string{"", "gpt", "claude"} {
				for _, m := range store.Metrics {
					all = append(all, store.Board{Period: period, Source: source, Family: family, Metric: m})
				}
			}
		}
	}
	return all
}

// span returns the days of a period as of at, and whether its lines still move.
func span(name string, at time.Time) (from, to string, open bool) {
	for _, p := range store.Rolling(at) {
		if p.Name == name {
			return p.From, p.To, true
		}
	}
	for i := range 400 {
		for _, p := range store.Periods(at.AddDate(0, 0, -i)) {
			if p.Name == name {
				return p.From, p.To, !store.Closed(p.To, at)
			}
		}
	}
	return "", "", false
}

// periodOf reports whether the period is open then and closed at noon.
func periodOf(name string, then time.Time) bool {
	_, _, openThen := span(name, then)
	_, _, openNow := span(name, Noon)
	return openThen && !openNow
}

// addedUp is a board made from the rows alone.
func addedUp(t *testing.T, s store.Store, all []*person, b store.Board) []string {
	from, to, _ := span(b.Period, Noon)
	var found []store.Line
	for _, p := range all {
		var days []usage.Day
		timely := make(map[string]bool)
		for _, d := range must[[]usage.Day](t)(s.DaysOf(t.Context(), p.Actor, p.User, from, to)) {
			family := families([]usage.Day{d})[d.Model]
			if b.Source != "" && d.Source != b.Source || b.Family != "" && family != b.Family {
				continue
			}
			days = append(days, d)
			at, _ := time.Parse(time.DateOnly, d.Date)
			if p.first[d.Key].Before(at.AddDate(0, 0, store.LateAfter+1)) {
				timely[d.Date] = true
			}
		}
		if len(days) == 0 || !p.shows(b, p.now) {
			continue
		}
		f := figures(days...)
		l := store.Line{User: p.User, Handle: p.Handle, Figures: f, Streak: longest(timely)}
		l.Value = map[store.Metric]int64{store.ByTokens: f.Tokens.Total(), store.ByCost: int64(f.Cost), store.ByOutput: f.Tokens.Output,
			store.ByActiveDays: int64(f.ActiveDays), store.ByStreak: int64(l.Streak)}[b.Metric]
		found = append(found, l)
	}
	return ordered(found)
}

// standing is a closed board: its lines then, of those who were public, still are, and do not hide what it tells.
func standing(all []*person, b store.Board, then []store.Line) []string {
	var left []store.Line
	for _, l := range then {
		for _, p := range all {
			if p.User == l.User && p.shows(b, min(p.begun, p.now)) {
				left = append(left, l)
			}
		}
	}
	return ordered(left)
}

func (p *person) shows(b store.Board, v store.Visibility) bool {
	byDay := len(b.Period) == len(time.DateOnly) || b.Metric == store.ByActiveDays || b.Metric == store.ByStreak
	return v == store.Public && (b.Metric != store.ByCost || !p.hidden.Has(store.HideCost)) && (b.Family == "" || !p.hidden.Has(store.HideModels)) &&
		(b.Source == "" || !p.hidden.Has(store.HideSources)) && (!byDay || !p.hidden.Has(store.HideDays))
}

func ordered(all []store.Line) []string {
	slices.SortFunc(all, func(a, b store.Line) int {
		if a.Value != b.Value {
			return int(b.Value - a.Value)
		}
		return int(b.User - a.User)
	})
	var text []string
	for _, l := range all {
		text = append(text, fmt.Sprintf("%s %d", l.Handle, l.Value))
	}
	return text
}

func longest(days map[string]bool) int {
	best := 0
	for d := range days {
		at, _ := time.Parse(time.DateOnly, d)
		n := 1
		for days[at.AddDate(0, 0, -n).Format(time.DateOnly)] {
			n++
		}
		best = max(best, n)
	}
	return best
}

// testReceiptsAddUp sends, corrects and takes back days of two devices at random. A receipt says what the rows then add up to.
func testReceiptsAddUp(t *testing.T, s store.Store) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	mira := enrol(t, s, "mira")
	devices := []store.Actor{mira, pair(t, s, mira.User, "mira", "second")}
	for seq := range int64(30) {
		who := devices[r.IntN(2)]
		up := upload(seq + 1)
		up.Replace, up.At = r.IntN(2) == 0, Noon.Add(time.Duration(seq)*time.Minute)
		seen := make(map[usage.Key]bool)
		for range r.IntN(4) {
			d := day(Noon.AddDate(0, 0, -r.IntN(8)).Format(time.DateOnly), "codex", []string{"gpt-5", "gpt-6"}[r.IntN(2)], int64(1+r.IntN(60)), 1)
			if !seen[d.Key] {
				seen[d.Key] = true
				up.Days = append(up.Days, d)
			}
		}
		if gone := Noon.AddDate(0, 0, -r.IntN(8)).Format(time.DateOnly); up.Replace && !up.Cells()[store.Cell{Day: gone, Source: "codex"}] {
			up.Gone = []store.Cell{{Day: gone, Source: "codex"}}
		}
		up.Body, up.Families = store.HashOf(fmt.Sprint(seq)), families(up.Days)
		told := put(t, s, who, up)
		want := [2]store.Figures{must[store.Figures](t)(s.SumOf(t.Context(), who)), must[store.Figures](t)(s.DeviceSum(t.Context(), who, who.Device))}
		if diff := cmp.Diff(want, [2]store.Figures{told.Total, told.Device}); diff != "" {
			t.Fatalf("receipt %d (-want +got):\n%s", seq, diff)
		}
	}
}
