package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

func TestBoardsOfEveryKind(t *testing.T) {
	b := newBench(t)
	for i, handle := range []string{"ada", "bob", "cem"} {
		token := b.token(b.account(handle, store.Public), "x")
		n := int64(i)
		b.put(token, row("2026-11-23", "codex", 1000-100*n, 10*n), row("2026-11-22", "claude-code", 50, 7))
		if handle == "cem" {
			b.put(token, row("2026-11-21", "codex", 1, 0), row("2026-11-02", "codex", 1, 0))
		}
	}
	for query, want := range map[string]string{
		"":                                      "1 ada 1057, 2 bob 967, 3 cem 879",
		"?period=7d":                            "1 ada 1057, 2 bob 967, 3 cem 878",
		"?period=30d&metric=output":             "1 cem 27, 2 bob 17, 3 ada 7",
		"?period=week":                          "1 ada 1000, 2 bob 910, 3 cem 820",
		"?metric=active_days":                   "1 cem 4, 2 bob 2, 2 ada 2",
		"?metric=streak":                        "1 cem 3, 2 bob 2, 2 ada 2",
		"?metric=streak&period=2026-11-23":      "1 cem 1, 1 bob 1, 1 ada 1",
		"?source=codex":                         "1 ada 1000, 2 bob 910, 3 cem 822",
		"?family=claude&source=claude-code":     "1 cem 57, 1 bob 57, 1 ada 57",
		"?family=gpt":                           "",
		"?family=claude&period=all&metric=cost": "1 ada 5425000, 2 bob 5175000, 3 cem 4935000",
	} {
		w := b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard+query, "", ""))
		var got []string
		for _, i := range decode[wire.Leaderboard](b, w).Items {
			got = append(got, fmt.Sprint(i.Rank, " ", i.Handle, " ", i.Value))
		}
		if query != "?family=claude&period=all&metric=cost" && strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", query, strings.Join(got, ", "), want)
		}
		b.want(http.StatusOK, b.ask("GET", "/"+query, "", ""))
	}
	for _, bad := range []string{"?family=No!", "?period=90d", "?metric=days", "?cursor=AAAA", "?mood=1"} {
		b.want(http.StatusBadRequest, b.ask("GET", wire.PathLeaderboard+bad, "", ""))
	}
	// A cursor is good for its own board alone.
	next := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard+"?limit=1&family=claude", "", "")).NextCursor
	b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard+"?limit=1&family=claude&cursor="+next, "", ""))
	b.want(http.StatusBadRequest, b.ask("GET", wire.PathLeaderboard+"?limit=1&cursor="+next, "", ""))
	b.want(http.StatusBadRequest, b.ask("GET", wire.PathLeaderboard+"?limit=1&family=claude&period=week&cursor="+next, "", ""))
}

// What an account calls itself stands beside its handle on the board and its profile, and on nobody else's.
func TestNamesInPublic(t *testing.T) {
	b := newBench(t)
	for _, handle := range []string{"ada", "bob"} {
		who := b.account(handle, store.Public)
		b.put(b.token(who, "x"), row("2026-11-23", "codex", 10, 1))
		if handle == "ada" {
			b.want(http.StatusOK, b.ask("PATCH", wire.PathMe, b.signIn(who), `{"display_name":"Ada L."}`, "Content-Type", "application/json"))
		}
	}
	for _, i := range decode[wire.Leaderboard](b, b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard, "", ""))).Items {
		p := decode[wire.Profile](b, b.want(http.StatusOK, b.ask("GET", wire.PathUsers+i.Handle, "", "")))
		if want := map[string]string{"ada": "Ada L."}[i.Handle]; i.Name != want || p.Name != want {
			t.Errorf("%s is called %q on the board and %q on its profile, want %q", i.Handle, i.Name, p.Name, want)
		}
	}
}

func TestMyRank(t *testing.T) {
	b := newBench(t)
	tokens := make(map[string]string)
	for i := range 9 {
		handle := fmt.Sprint("user", i)
		tokens[handle] = b.token(b.account(handle, store.Public), "x")
		b.put(tokens[handle], row("2026-11-20", "codex", int64(100+10*(i/2*2)), 0)) // two of each
	}
	hermit := b.token(b.account("hermit", store.Private), "x")
	b.put(hermit, row("2026-11-20", "codex", 125, 0))
	names := func(items []wire.BoardItem) string {
		var got []string
		for _, i := range items {
			got = append(got, fmt.Sprint(i.Rank, i.Handle))
		}
		return strings.Join(got, " ")
	}
	for _, tt := range []struct {
		token        string
		public       bool
		rank, ranked int64
		percentile   float64
		above, below string
	}{
		{tokens["user8"], true, 1, 9, 100, "", "2user7 2user6 4user5"},
		{tokens["user5"], true, 4, 9, 50, "1user8 2user7 2user6", "4user4 6user3 6user2"},
		{tokens["user0"], true, 8, 9, 0, "6user3 6user2 8user1", ""},
		{hermit, false, 6, 10, 44.44, "2user6 4user5 4user4", "6user3 6user2 8user1"},
	} {
		got := decode[wire.MyRank](b, b.want(http.StatusOK, b.ask("GET", wire.PathMyRank, tt.token, "")))
		if got.Public != tt.public || got.Rank != tt.rank || got.Ranked != tt.ranked || got.Percentile != tt.percentile || names(got.Above) != tt.above || names(got.Below) != tt.below {
			t.Errorf("got %+v, want %+v", got, tt)
		}
		if strings.Contains(names(append(got.Above, got.Below...)), "hermit") {
			t.Error("a private account is somebody's neighbour")
		}
	}
	b.want(http.StatusNotFound, b.ask("GET", wire.PathMyRank+"?period=2020", hermit, ""))
	b.want(http.StatusUnauthorized, b.ask("GET", wire.PathMyRank, "", ""))
}

// What an account hides is on no surface.
func TestHiddenThingsAreNowhere(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	secret := row("2026-11-17", "codex", 7_654_321, 1_234_567)
	secret.Model = "claude-opus-4-5"
	b.put(b.token(mira, "x"), secret)
	adam := b.account("adam", store.Public)
	other := row("2026-11-20", "goose", 1_000_000, 0)
	other.Model = "gpt-5"
	b.put(b.token(adam, "x"), other)
	cookie := b.signIn(mira)
	for what, lacks := range map[string][]string{
		"cost":    {"69.13", "69,13", "691357", "$69"}, // 7.654321 × $5 + 1.234567 × $25
		"models":  {"opus"},
		"sources": {"codex"},
		"days":    {"2026-11-17", "17 Nov", "Tue 17"},
	} {
		b.want(http.StatusSeeOther, b.ask("POST", "/settings/visibility", cookie, form("visibility", "public", "hide", what)))
		for _, path := range []string{"/u/mira", "/?period=all", "/", "/?period=2026-11-17", "/?metric=cost", "/?source=codex", wire.PathUsers + "mira", wire.PathUsers + "mira/days",
			wire.PathLeaderboard, wire.PathLeaderboard + "?period=2026-11-17", wire.PathLeaderboard + "?metric=cost", wire.PathLeaderboard + "?source=codex&family=claude",
			wire.PathStats, wire.PathRepricings, "/prices/log"} {
			w := b.ask("GET", path, "", "")
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d", path, w.Code)
			}
			text := strings.ReplaceAll(w.Body.String(), strings.TrimPrefix(path, "/"), "") // the address may be repeated
			text = strings.ReplaceAll(text, "source=codex", "")
			for _, l := range lacks {
				if strings.Contains(text, l) && !strings.Contains(path, lacks[0]) {
					t.Errorf("%s are hidden, and %s shows %s", what, path, l)
				}
			}
		}
		if profile := decode[wire.Profile](b, b.ask("GET", wire.PathUsers+"mira", "", "")); profile.Hidden[0] != what || (profile.Totals.CostUUSD == nil) != (what == "cost") {
			t.Errorf("profile: %+v", profile)
		}
		if own := b.ask("GET", "/u/mira", cookie, "").Body.String(); !strings.Contains(own, "opus") || !strings.Contains(own, "codex") || !strings.Contains(own, "$69") {
			t.Errorf("%s are hidden from their owner", what)
		}
	}
	b.want(http.StatusBadRequest, b.ask("POST", "/settings/visibility", cookie, form("visibility", "public", "hide", "everything")))
}

// An older server's rows are priced again by this one's book, in the open.
func TestRepricingIsPublic(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Public), b.account("adam", store.Private)
	for _, u := range []store.User{mira, adam} {
		who := store.Actor{User: u.ID, Device: b.device(u)}
		d := usage.Day{Key: usage.Key{Date: "2026-11-20", Source: "codex", Model: "claude-opus-4-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 1_000_000}, Cost: 7_000_000, Priced: true}
		_, err := b.store.PutDays(t.Context(), who, store.Upload{Seq: 1, Days: []usage.Day{d}, Book: "2020-01-01", At: b.now(), Judge: func(store.Review) ([]store.Hold, error) { return nil, nil }})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.s.KeepHouse(t.Context())
	log := decode[wire.Repricings](b, b.want(http.StatusOK, b.ask("GET", wire.PathRepricings, "", "")))
	want := wire.Repricings{Items: []wire.Repricing{{From: []string{"2020-01-01"}, To: b.s.Prices.Date(), StartedAt: "2026-11-23T12:00:00Z", FinishedAt: "2026-11-23T12:00:00Z",
		Accounts: 2, Moved: 2, Models: []string{"claude-opus-4-5"}, Lines: []wire.RepricedLine{{Handle: "mira", Rows: 1, BeforeUUSD: 7_000_000, AfterUUSD: 5_000_000}}}}}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	page := b.want(http.StatusOK, b.ask("GET", "/prices/log", "", "")).Body.String()
	if !strings.Contains(page, "mira") || strings.Contains(page, "adam") {
		t.Errorf("page: %s", page)
	}
	board := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard+"?metric=cost", "", ""))
	if len(board.Items) != 1 || board.Items[0].Value != 5_000_000 {
		t.Errorf("board: %+v", board.Items)
	}
	b.wait(24 * time.Hour)
	b.s.KeepHouse(t.Context())
	if again := decode[wire.Repricings](b, b.ask("GET", wire.PathRepricings, "", "")); len(again.Items) != 1 {
		t.Errorf("the same book again: %+v", again.Items)
	}
	if text := b.log.String(); strings.Contains(text, `"ERROR"`) {
		t.Error(text)
	}
}

// Sums hold accounts in aggregate mode only where five are in a cell and none is half of it.
func TestStatsTellNobody(t *testing.T) {
	b := newBench(t)
	b.put(b.token(b.account("mira", store.Public), "x"), row("2026-11-20", "codex", 1000, 0))
	stats := func() wire.Stats {
		return decode[wire.Stats](b, b.want(http.StatusOK, b.ask("GET", wire.PathStats, "", "")))
	}
	for i := range int64(5) {
		b.put(b.token(b.account(fmt.Sprint("aggregate", i), store.Aggregate), "x"), row("2026-11-20", "codex", 1000+i, 0), row("2026-11-20", "goose", 1, 0))
		got := stats()
		if i < 4 && (got.Total.Tokens != 1000 || got.Total.Aggregate || len(got.Sources) != 1) {
			t.Errorf("with %d: %+v", i+1, got)
		}
	}
	got := stats()
	if got.Total.Tokens != 1000+5*1000+10+5 || !got.Total.Aggregate || got.Total.Users != 6 || len(got.Sources) != 2 {
		t.Errorf("with five: %+v", got)
	}
	b.put(b.token(b.account("whale", store.Aggregate), "x"), row("2026-11-20", "goose", 1_000_000, 0))
	if got := stats(); got.Total.Tokens != 1000 || len(got.Sources) != 1 || got.Sources[0].Name != "codex" || got.Sources[0].Tokens != 6010 {
		t.Errorf("with a whale: %+v", got)
	}
	b.want(http.StatusBadRequest, b.ask("GET", wire.PathStats+"?period=never", "", ""))
}
