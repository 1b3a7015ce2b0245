package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

func hide(t *testing.T, s store.Store, who store.Actor, h store.Hidden) {
	t.Helper()
	if err := s.SetHidden(t.Context(), who, h); err != nil {
		t.Fatal(err)
	}
	if got := must[store.Hidden](t)(s.HiddenOf(t.Context(), who)); got != h {
		t.Errorf("hides %v, not %v", got.Names(), h.Names())
	}
}

func testHidden(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	share(t, s, mira, store.Public)
	tuesday, wednesday := day("2026-11-17", "codex", "gpt-5", 30, 5), day("2026-11-18", "codex", "gpt-5", 20, 5)
	up := upload(1, tuesday, wednesday)
	up.At = Noon.AddDate(0, 0, -5)
	put(t, s, mira, up)
	line := store.Line{User: mira.User, Handle: "mira", Value: 60, Streak: 2, Figures: figures(tuesday, wednesday)}
	no := func(change func(*store.Line)) *store.Line {
		l := line
		change(&l)
		return &l
	}
	monday := func(days ...usage.Day) []usage.Day {
		sum := days[0]
		sum.Date = "2026-11-16"
		for _, d := range days[1:] {
			sum.Requests, sum.Tokens, sum.Cost = sum.Requests+d.Requests, sum.Tokens.Add(d.Tokens), sum.Cost+d.Cost
		}
		return []usage.Day{sum}
	}
	each := func(change func(*usage.Day)) []usage.Day {
		days := []usage.Day{tuesday, wednesday}
		for i := range days {
			change(&days[i])
		}
		return days
	}
	for _, tt := range []struct {
		hide   store.Hidden
		line   *store.Line
		days   []usage.Day
		gone   []store.Board // the line is not on these
		shares [2]int        // by day and by model
	}{
		{0, &line, []usage.Day{tuesday, wednesday}, nil, [2]int{2, 1}},
		{store.HideCost, no(func(l *store.Line) { l.Cost = 0 }), each(func(d *usage.Day) { *d = unpriced(*d) }),
			[]store.Board{{Period: "2026-11", Metric: store.ByCost}}, [2]int{2, 1}},
		{store.HideModels, &line, each(func(d *usage.Day) { d.Model = "other" }),
			[]store.Board{{Period: "2026-11", Family: "gpt", Metric: store.ByTokens}, {Period: "7d", Source: "codex", Family: "gpt", Metric: store.ByTokens}}, [2]int{2, 0}},
		{store.HideSources, &line, each(func(d *usage.Day) { d.Source = "other" }),
			[]store.Board{{Period: "2026-11", Source: "codex", Metric: store.ByTokens}}, [2]int{2, 1}},
		{store.HideDays, no(func(l *store.Line) { l.ActiveDays, l.Streak, l.First = 0, 0, "" }), monday(tuesday, wednesday),
			[]store.Board{{Period: "2026-11-17", Metric: store.ByTokens}, {Period: "2026-11", Metric: store.ByStreak}, {Period: "2026-11", Metric: store.ByActiveDays}}, [2]int{0, 1}},
		{store.HideCost | store.HideModels | store.HideSources | store.HideDays, no(func(l *store.Line) { l.Cost, l.ActiveDays, l.Streak, l.First = 0, 0, 0, "" }),
			[]usage.Day{unpriced(monday(each(func(d *usage.Day) { d.Model, d.Source = "other", "other" })...)[0])}, nil, [2]int{0, 0}},
	} {
		hide(t, s, mira, tt.hide)
		tt.line.Hidden = tt.hide
		board := store.Board{Period: "2026-11", Metric: store.ByTokens}
		for name, reader := range map[string]store.Actor{"a stranger": {}, "adam": adam} {
			if diff := cmp.Diff(*tt.line, must[store.Line](t)(s.LineOf(t.Context(), board, reader, mira.User))); diff != "" {
				t.Errorf("%v: %s sees the line (-want +got):\n%s", tt.hide.Names(), name, diff)
			}
			if diff := cmp.Diff(tt.days, daysOf(t, s, reader, mira.User)); diff != "" {
				t.Errorf("%v: %s sees the days (-want +got):\n%s", tt.hide.Names(), name, diff)
			}
		}
		for _, b := range tt.gone {
			if got := lines(t, s, b, nil, 9); len(got) != 0 {
				t.Errorf("%v: on board %+v: %v", tt.hide.Names(), b, got)
			}
			_, err := s.LineOf(t.Context(), b, store.Actor{}, mira.User)
			wantErr(t, "the line by itself", err, store.ErrNotFound)
		}
		users := []int64{mira.User}
		byModel, byDay := beside(t, s, store.Board{}, users, "2026-11-01", "2026-11-30")
		if len(byDay) != tt.shares[0] || len(byModel) != tt.shares[1] {
			t.Errorf("%v: shares %v %v", tt.hide.Names(), byDay, byModel)
		}
		// The owner goes on seeing everything.
		if diff := cmp.Diff([]usage.Day{tuesday, wednesday}, daysOf(t, s, mira, mira.User)); diff != "" {
			t.Errorf("%v: the owner sees (-want +got):\n%s", tt.hide.Names(), diff)
		}
	}
	// One day of a hidden week is not had by asking for it alone, nor are the costs of one by taking the others' from a sum.
	if got := must[[]usage.Day](t)(s.DaysOf(t.Context(), store.Actor{}, mira.User, "2026-11-17", "2026-11-17")); len(got) != 0 {
		t.Errorf("a hidden day alone: %+v", got)
	}
	if c := must[store.Crowd](t)(fresh(t, s).Crowd(t.Context(), store.Board{Period: "all", Metric: store.ByTokens})); c.Public.Cost != 0 || c.Public.Tokens.Total() != 60 {
		t.Errorf("the sum tells the cost: %+v", c)
	}
}

// testClosed lets a month end and tries everything that could move its lines.
func testClosed(t *testing.T, s store.Store) {
	october, november := store.Board{Period: "2026-10", Metric: store.ByTokens}, store.Board{Period: "2026-11", Metric: store.ByTokens}
	inTime := time.Date(2026, 11, 2, 23, 59, 0, 0, time.UTC) // 48 hours after its end it closes
	mira, adam, eve := enrol(t, s, "mira"), enrol(t, s, "adam"), enrol(t, s, "eve")
	share(t, s, mira, store.Public)
	share(t, s, adam, store.Public)
	for i, who := range []store.Actor{mira, adam, eve} {
		up := upload(1, day("2026-10-31", "codex", "gpt-5", int64(100-i), 0))
		up.At = inTime
		put(t, s, who, up)
	}
	want := []string{"mira 100", "adam 99"}
	still := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, lines(t, s, october, nil, 9)); diff != "" {
			t.Errorf("%s moves a closed period (-want +got):\n%s", what, diff)
		}
	}
	still("nothing", want...)
	late := upload(2, day("2026-10-31", "codex", "gpt-5", 900, 0), day("2026-10-30", "codex", "gpt-5", 900, 0), day("2026-11-01", "codex", "gpt-5", 7, 0))
	late.At = inTime.Add(time.Minute)
	put(t, s, adam, late)
	still("a late upload", want...)
	if got := lines(t, s, november, nil, 9); len(got) != 1 || got[0] != "adam 7" {
		t.Errorf("the month after: %v", got)
	}
	if got := lines(t, s, store.Board{Period: "2026", Metric: store.ByTokens}, nil, 9)[0]; got != "adam 1807" {
		t.Errorf("the year runs on: %s", got)
	}
	share(t, s, eve, store.Public)
	still("who goes public afterwards", want...)
	share(t, s, mira, store.Private)
	still("who goes private", "adam 99")
	share(t, s, mira, store.Public)
	still("who comes back", want...)
	reprice(t, s, "2027-01-01", 5, 10)
	still("new prices", want...)
	if got := lines(t, s, store.Board{Period: "2026-10", Metric: store.ByCost}, nil, 9); len(got) != 2 || got[0] != "mira 10000" {
		t.Errorf("new prices move a closed period by cost: %v", got)
	}
}

func testRolling(t *testing.T, s store.Store) {
	week, month := store.Board{Period: "7d", Metric: store.ByTokens}, store.Board{Period: "30d", Metric: store.ByTokens}
	mira := enrol(t, s, "mira")
	share(t, s, mira, store.Public)
	up := upload(1, day("2026-11-17", "codex", "gpt-5", 1, 0), day("2026-11-18", "codex", "gpt-5", 10, 0), day("2026-11-24", "codex", "gpt-5", 100, 0))
	put(t, s, mira, up) // on the 23rd; the 24th has begun where its clock is
	for _, tt := range []struct {
		today       string
		week, month []string
	}{
		{"2026-11-23", []string{"mira 11"}, []string{"mira 11"}},
		{"2026-11-24", []string{"mira 110"}, []string{"mira 111"}},
		{"2026-11-24", []string{"mira 110"}, []string{"mira 111"}},
		{"2026-11-25", []string{"mira 100"}, []string{"mira 111"}},
		{"2026-12-17", nil, []string{"mira 110"}},
		{"2026-12-16", nil, []string{"mira 110"}}, // a clock that goes back changes nothing
		{"2027-06-01", nil, nil},
	} {
		if err := s.RollOn(t.Context(), tt.today); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{tt.week, tt.month}, [][]string{lines(t, s, week, nil, 9), lines(t, s, month, nil, 9)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.today, diff)
		}
	}
}

// testLate says a year of days at once: they count, and make no streak.
func testLate(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	share(t, s, mira, store.Public)
	var days []usage.Day
	for at := Noon.AddDate(0, 0, -60); !at.After(Noon); at = at.AddDate(0, 0, 1) {
		days = append(days, day(at.Format(time.DateOnly), "codex", "gpt-5", 1, 0))
	}
	put(t, s, mira, upload(1, days...))
	for metric, want := range map[store.Metric]string{store.ByActiveDays: "mira 61", store.ByStreak: "mira 46"} {
		if got := lines(t, s, store.Board{Period: "all", Metric: metric}, nil, 9); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want %s", metric, got, want)
		}
	}
}
