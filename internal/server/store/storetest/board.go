package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

func testBoards(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	share(t, s, mira, store.Public)
	share(t, s, adam, store.Public)
	now := []usage.Day{day("2026-11-22", "codex", "gpt-5", 10, 30), day("2026-11-23", "claude-code", "claude-opus-4-5", 20, 5)}
	early := upload(1, day("2025-12-31", "codex", "gpt-5", 1000, 1))
	early.At = time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)
	put(t, s, mira, early)
	put(t, s, mira, upload(2, now...))
	put(t, s, adam, upload(1, day("2026-11-23", "codex", "gpt-5", 50, 1)))
	for _, tt := range []struct {
		board store.Board
		want  []string
	}{
		{store.Board{Period: "all", Metric: store.ByTokens}, []string{"mira 1066", "adam 51"}},
		{store.Board{Period: "2026", Metric: store.ByTokens}, []string{"mira 65", "adam 51"}},
		{store.Board{Period: "2025", Metric: store.ByTokens}, []string{"mira 1001"}},
		{store.Board{Period: "2026-11", Metric: store.ByCost}, []string{"mira 6500", "adam 5100"}},
		{store.Board{Period: "2026-11", Metric: store.ByOutput}, []string{"mira 35", "adam 1"}},
		{store.Board{Period: "2026-W48", Metric: store.ByTokens}, []string{"adam 51", "mira 25"}},
		{store.Board{Period: "2026-W01", Metric: store.ByTokens}, []string{"mira 1001"}},
		{store.Board{Period: "2026-11-22", Metric: store.ByTokens}, []string{"mira 40"}},
		{store.Board{Period: "2026-11", Source: "codex", Metric: store.ByTokens}, []string{"adam 51", "mira 40"}},
		{store.Board{Period: "2024", Metric: store.ByTokens}, nil},
		{store.Board{Period: "7d", Metric: store.ByTokens}, []string{"mira 65", "adam 51"}},
		{store.Board{Period: "30d", Source: "claude-code", Metric: store.ByTokens}, []string{"mira 25"}},
		{store.Board{Period: "2026-11", Family: "gpt", Metric: store.ByTokens}, []string{"adam 51", "mira 40"}},
		{store.Board{Period: "2026-11", Family: "claude", Metric: store.ByTokens}, []string{"mira 25"}},
		{store.Board{Period: "2026-11", Source: "codex", Family: "claude", Metric: store.ByTokens}, nil},
		{store.Board{Period: "2026-11", Source: "codex", Family: "gpt", Metric: store.ByOutput}, []string{"mira 30", "adam 1"}},
		{store.Board{Period: "all", Metric: store.ByActiveDays}, []string{"mira 3", "adam 1"}},
		{store.Board{Period: "2026", Metric: store.ByStreak}, []string{"mira 2", "adam 1"}},
	} {
		if diff := cmp.Diff(tt.want, lines(t, s, tt.board, nil, 10)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.board, diff)
		}
	}
	got := must[store.Line](t)(s.LineOf(t.Context(), store.Board{Period: "2026", Metric: store.ByTokens}, store.Actor{}, mira.User))
	if diff := cmp.Diff(store.Line{User: mira.User, Handle: "mira", Value: 65, Streak: 2, Figures: figures(now...)}, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
	sources, families, err := fresh(t, s).BoardParts(t.Context(), "2026")
	if diff := cmp.Diff([][]string{{"claude-code", "codex"}, {"claude", "gpt"}}, [][]string{sources, families}); diff != "" || err != nil {
		t.Errorf("parts, error %v (-want +got):\n%s", err, diff)
	}
	both := []int64{mira.User, adam.User}
	_, shares := beside(t, s, store.Board{Source: "codex"}, both, "2026-11-01", "2026-11-30")
	if diff := cmp.Diff([]store.Share{{User: mira.User, Of: "2026-11-22", Tokens: 40}, {User: adam.User, Of: "2026-11-23", Tokens: 51}}, shares); diff != "" {
		t.Errorf("shares by day (-want +got):\n%s", diff)
	}
	shares, _ = beside(t, s, store.Board{}, both, "2026-11-01", "2026-11-30")
	if diff := cmp.Diff([]store.Share{{User: mira.User, Of: "claude-opus-4-5", Tokens: 25}, {User: mira.User, Of: "gpt-5", Tokens: 40},
		{User: adam.User, Of: "gpt-5", Tokens: 51}}, shares); diff != "" {
		t.Errorf("shares by model (-want +got):\n%s", diff)
	}
	b := store.Board{Period: "2026", Metric: store.ByTokens}
	for _, user := range []int64{mira.User, adam.User, adam.User + 1} {
		p := must[store.Page](t)(s.Page(t.Context(), b, nil, 1, user))
		if own := user <= adam.User; len(p.Lines) != 1 || p.Lines[0].Handle != "mira" || len(p.Own) == 1 != own || own && p.Own[0].User != user {
			t.Errorf("the page for %d: %+v", user, p)
		}
	}
	before := must[store.Beside](t)(s.Beside(t.Context(), b, both, store.BesideAsk{Before: "2025"}))
	if diff := cmp.Diff(store.Beside{Before: []store.Mark{{Value: 1001, User: mira.User}}}, before); diff != "" {
		t.Errorf("places on the board before (-want +got):\n%s", diff)
	}
	for _, step := range []struct {
		does func() error
		want map[int64]string
	}{
		{func() error { return s.SetName(t.Context(), mira, "Mira Å.") }, map[int64]string{mira.User: "Mira Å."}},
		{func() error { return s.SetName(t.Context(), adam, "Adam") }, map[int64]string{mira.User: "Mira Å.", adam.User: "Adam"}},
		{func() error { return s.SetVisibility(t.Context(), adam, store.Aggregate) }, map[int64]string{mira.User: "Mira Å."}},
		{func() error { return s.SetName(t.Context(), mira, "") }, map[int64]string{}},
	} {
		if err := step.does(); err != nil {
			t.Fatal(err)
		}
		named := must[store.Beside](t)(s.Beside(t.Context(), b, both, store.BesideAsk{Names: true}))
		if diff := cmp.Diff(store.Beside{Names: step.want}, named); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	}
	if n := must[int](t)(s.ModelUsers(t.Context(), "gpt-5", 5)); n != 2 {
		t.Errorf("%d used gpt-5", n)
	}
}

func testBoardPages(t *testing.T, s store.Store) {
	b := store.Board{Period: "2026-11", Metric: store.ByTokens}
	values := []int64{50, 40, 40, 40, 30}
	var marks []store.Mark
	for i, v := range values {
		who := enrol(t, s, fmt.Sprint("user", i))
		share(t, s, who, store.Public)
		put(t, s, who, upload(1, day("2026-11-23", "codex", "gpt-5", v, 0)))
		marks = append(marks, store.Mark{Value: v, User: who.User})
	}
	// Of equals the later account stands first, so that the order is one comparison.
	want := []string{"user0 50", "user3 40", "user2 40", "user1 40", "user4 30"}
	var got []string
	var after *store.Mark
	for {
		page := page(t, s, b, after, 2)
		if len(page) == 0 {
			break
		}
		for _, l := range page {
			got = append(got, fmt.Sprintf("%s %d", l.Handle, l.Value))
			m := l.Mark()
			after = &m
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	slices.Reverse(marks[1:4])
	if diff := cmp.Diff(marks, must[[]store.Mark](t)(fresh(t, s).Marks(t.Context(), b, 1))); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	some := must[[]store.Line](t)(fresh(t, s).LinesOf(t.Context(), b, []int64{marks[4].User, marks[0].User}))
	if len(some) != 2 || some[0].Handle != "user0" || some[1].Handle != "user4" {
		t.Errorf("lines of two: %+v", some)
	}
}

func period(name, from, to string) store.Period { return store.Period{Name: name, From: from, To: to} }

func testPeriods(t *testing.T, _ store.Store) {
	for date, want := range map[string][]store.Period{
		"2026-11-23": {period("2026-11-23", "2026-11-23", "2026-11-23"), period("2026-W48", "2026-11-23", "2026-11-29"),
			period("2026-11", "2026-11-01", "2026-11-30"), period("2026", "2026-01-01", "2026-12-31"), store.Always},
		"2027-01-03": {period("2027-01-03", "2027-01-03", "2027-01-03"), period("2026-W53", "2026-12-28", "2027-01-03"),
			period("2027-01", "2027-01-01", "2027-01-31"), period("2027", "2027-01-01", "2027-12-31"), store.Always},
		"2024-12-30": {period("2024-12-30", "2024-12-30", "2024-12-30"), period("2025-W01", "2024-12-30", "2025-01-05"),
			period("2024-12", "2024-12-01", "2024-12-31"), period("2024", "2024-01-01", "2024-12-31"), store.Always},
	} {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, store.Periods(at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", date, diff)
		}
	}
}

func testVisibility(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	d := day("2026-11-23", "codex", "gpt-5", 10, 0)
	put(t, s, mira, upload(1, d))
	b := store.Board{Period: "2026", Metric: store.ByTokens}
	for _, v := range []store.Visibility{store.Private, store.Public, store.Aggregate, store.Public, store.Private} {
		share(t, s, mira, v)
		shown := v == store.Public
		if got := lines(t, s, b, nil, 10); len(got) == 1 != shown {
			t.Errorf("%s: board %v", v, got)
		}
		_, err := s.PublicUser(t.Context(), "mira")
		if errors.Is(err, store.ErrNotFound) == shown {
			t.Errorf("%s: profile %v", v, err)
		}
		for name, reader := range map[string]store.Actor{"a stranger": {}, "adam": adam} {
			if got := daysOf(t, s, reader, mira.User); len(got) == 1 != shown {
				t.Errorf("%s: %s sees %v", v, name, got)
			}
		}
		byModel, byDay := beside(t, s, store.Board{}, []int64{mira.User}, "2026-01-01", "2026-12-31")
		if len(byDay) == 1 != shown || len(byModel) == 1 != shown {
			t.Errorf("%s: shares %v %v", v, byDay, byModel)
		}
		if n := len(must[[]store.Mark](t)(fresh(t, s).Marks(t.Context(), b, 1))); n == 1 != shown {
			t.Errorf("%s: %d counted", v, n)
		}
		if got := daysOf(t, s, mira, mira.User); len(got) != 1 {
			t.Errorf("%s: the owner sees %v", v, got)
		}
	}
	// A period that is new to the account starts with the account's visibility.
	share(t, s, mira, store.Public)
	put(t, s, mira, upload(2, day("2026-10-30", "codex", "gpt-5", 10, 0)))
	if got := lines(t, s, store.Board{Period: "30d", Metric: store.ByTokens}, nil, 10); len(got) != 1 {
		t.Errorf("a board that is new: %v", got)
	}
}

func testCrowd(t *testing.T, s store.Store) {
	var public, aggregate []usage.Day
	for i, v := range []store.Visibility{store.Public, store.Aggregate, store.Private, store.Public, store.Aggregate} {
		who := enrol(t, s, fmt.Sprint("user", i))
		share(t, s, who, v)
		d := day("2026-11-23", "codex", "gpt-5", int64(10+i), 1)
		put(t, s, who, upload(1, d))
		switch v {
		case store.Public:
			public = append(public, d)
		case store.Aggregate:
			aggregate = append(aggregate, d)
		}
	}
	want := store.Crowd{Public: store.Part{Users: 2, Largest: 14, Figures: figures(public...)}, Aggregate: store.Part{Users: 2, Largest: 15, Figures: figures(aggregate...)}}
	want.Public.ActiveDays, want.Aggregate.ActiveDays = 2, 2 // of each person
	if diff := cmp.Diff(want, must[store.Crowd](t)(fresh(t, s).Crowd(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}))); diff != "" {
		t.Errorf("crowd (-want +got):\n%s", diff)
	}
}

// testOthers tries to reach mira's things as adam, by their ids.
func testOthers(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	d := day("2026-11-23", "codex", "gpt-5", 10, 0)
	put(t, s, mira, upload(1, d))

	forged := adam
	forged.Device = mira.Device
	_, err := s.PutDays(ctx, forged, upload(2, d))
	wantErr(t, "an upload for another's device", err, store.ErrNotFound)
	wantErr(t, "renaming another's device", s.RenameDevice(ctx, adam, mira.Device, "mine"), store.ErrNotFound)
	wantErr(t, "revoking another's device", s.RevokeDevice(ctx, adam, mira.Device, Noon), store.ErrNotFound)
	if err := s.RevokeToken(ctx, adam, mira.TokenID, Noon); err != nil {
		t.Errorf("revoking another's token says %v, but must tell nothing", err)
	}
	forged = adam
	forged.Key = mira.Key
	if err := s.SignOut(ctx, forged); err != nil {
		t.Errorf("ending another's session says %v, but must tell nothing", err)
	}
	must[store.Actor](t)(s.TokenActor(ctx, mira.Key, Noon))
	if f := must[store.Figures](t)(s.DeviceSum(ctx, adam, mira.Device)); f.Tokens.Total() != 0 {
		t.Errorf("another's device holds %+v", f)
	}
	if rows := must[[]usage.Day](t)(s.DeviceDays(ctx, adam, mira.Device, "2000-01-01", "2100-01-01")); len(rows) > 0 {
		t.Errorf("another's device has %+v", rows)
	}
	wantTotal(t, s, adam)
	wantTotal(t, s, mira, d)
}

// testNoIdentity tries every write as nobody.
func testNoIdentity(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := enrol(t, s, "mira")
	nobody := store.Actor{Device: mira.Device, TokenID: mira.TokenID, Key: mira.Key}
	for name, err := range map[string]error{
		"visibility":    s.SetVisibility(ctx, nobody, store.Public),
		"rename":        s.RenameDevice(ctx, nobody, mira.Device, "x"),
		"revoke device": s.RevokeDevice(ctx, nobody, mira.Device, Noon),
		"revoke token":  s.RevokeToken(ctx, nobody, mira.TokenID, Noon),
		"sign out":      s.SignOut(ctx, nobody),
		"handle":        s.Rename(ctx, nobody, "x", Noon),
		"name":          s.SetName(ctx, nobody, "x"),
		"end session":   s.EndSession(ctx, nobody, "x", Noon),
		"end sessions":  s.EndOtherSessions(ctx, nobody, Noon),
		"link":          s.LinkIdentity(ctx, nobody, identity("x"), Noon),
		"passkey":       s.AddPasskey(ctx, nobody, passkey("x")),
		"remove way":    s.RemoveWay(ctx, nobody, "x", nil, true, Noon),
		"disown":        s.DisownGrant(ctx, nobody, store.HashOf("x"), Noon),
	} {
		wantErr(t, name, err, store.ErrNotFound)
	}
	_, err := s.PutDays(ctx, nobody, upload(1, day("2026-11-23", "codex", "gpt-5", 10, 0)))
	wantErr(t, "upload", err, store.ErrNotFound)
	_, err = s.AddToken(ctx, 0, "x", newToken("x"))
	wantErr(t, "token", err, store.ErrNotFound)
}
