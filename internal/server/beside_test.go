package server

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// crowded is a store whose boards are long: below everybody who is on them stand two thousand more, whom no page reaches.
type crowded struct {
	store.Store
	besides atomic.Int64  // times that what stands beside lines was read
	adds    chan struct{} // closed when boards can be added up; nil: at once
}

func (c *crowded) Crowd(ctx context.Context, b store.Board) (store.Crowd, error) {
	if c.adds != nil && b.Period == "all" {
		select {
		case <-c.adds:
		case <-ctx.Done():
			return store.Crowd{}, ctx.Err()
		}
	}
	return c.Store.Crowd(ctx, b)
}

func (c *crowded) Marks(ctx context.Context, b store.Board, about int) ([]store.Mark, error) {
	marks, err := c.Store.Marks(ctx, b, about)
	if b.Period == "30d" { // which uploads are weighed against
		return marks, err
	}
	for user := range int64(2_001) {
		marks = append(marks, store.Mark{Value: -1, User: -1 - user})
	}
	return marks, err
}

func (c *crowded) Beside(ctx context.Context, b store.Board, users []int64, ask store.BesideAsk) (store.Beside, error) {
	c.besides.Add(1)
	return c.Store.Beside(ctx, b, users, ask)
}

func newCrowd(t *testing.T) (*bench, *crowded) {
	var c *crowded
	b := newBench(t, func(o *Options) {
		c = &crowded{Store: o.Store}
		o.Store = c
	})
	return b, c
}

// uploaded puts rows and brings the boards up to them, as the server does once a second.
func (b *bench) uploaded(token string, rows ...wire.Day) {
	b.t.Helper()
	b.put(token, rows...)
	if err := b.store.Fresh(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

var boardPaths = []string{"/?period=all", "/", "/?metric=cost", "/?source=codex", wire.PathLeaderboard, wire.PathLeaderboard + "?period=all"}

// On a long board what stands beside lines is kept: the second answer is the first to the byte, on a server that kept nothing it is the
// same, and a page is not asked for again. Fails where something is kept that a page does not show.
func TestPagesOfLongBoardsAreKept(t *testing.T) {
	b, c := newCrowd(t)
	for i, handle := range []string{"ada", "bob", "cem"} {
		token := b.token(b.account(handle, store.Public), "x")
		b.uploaded(token, row("2026-11-23", "codex", int64(1000-i), 3), row("2026-11-02", "codex", 500, 3), row("2026-10-20", "claude-code", 70, 1))
	}
	b.wait(2 * time.Minute) // what uploads knew of the boards is too old
	kept := b.s
	for _, path := range boardPaths {
		first := sameBut(b.want(http.StatusOK, b.ask("GET", path, "", "")))
		if !strings.Contains(first, "bob") {
			t.Fatalf("%s has nobody: %s", path, first)
		}
		read := c.besides.Load()
		if again := sameBut(b.ask("GET", path, "", "")); again != first {
			t.Errorf("%s is another page the second time:\n%s\n%s", path, first, again)
		}
		if now := c.besides.Load(); now != read {
			t.Errorf("%s: what stands beside lines was read again", path)
		}
		var err error
		if b.s, err = New(t.Context(), b.s.Options); err != nil {
			t.Fatal(err)
		}
		anew := sameBut(b.ask("GET", path, "", ""))
		b.s = kept
		if anew != first {
			t.Errorf("%s differs from what another server says:\n%s\n%s", path, first, anew)
		}
	}
	b.wait(besideFor)
	read := c.besides.Load()
	b.want(http.StatusOK, b.ask("GET", "/", "", ""))
	if c.besides.Load() == read {
		t.Error("after a minute it is not read again")
	}
}

// A server that has just started shows its long boards, and takes uploads, before anybody knows what they add up to: it says no sum then,
// not one of zero. Fails where it is waited for.
func TestLongBoardsBeforeTheyAreAddedUp(t *testing.T) {
	b, c := newCrowd(t)
	c.adds = make(chan struct{})
	token := b.token(b.account("ada", store.Public), "x")
	b.uploaded(token, row("2026-11-23", "codex", 7_654_321, 1))
	const path = wire.PathLeaderboard + "?period=all"
	for _, known := range []bool{false, true} {
		answer := decode[wire.Leaderboard](b, b.want(http.StatusOK, b.ask("GET", path, "", "")))
		if len(answer.Items) != 1 || answer.Items[0].Tokens != 7_654_322 || (answer.Totals != nil) != known || known && answer.Totals.Tokens != 7_654_322 {
			t.Errorf("known %v: %+v", known, answer)
		}
		page := b.want(http.StatusOK, b.ask("GET", "/?period=all", "", "")).Body.String()
		if !strings.Contains(page, "ada") || strings.Contains(page, "added up") != known {
			t.Errorf("known %v: the page shows a sum: %v", known, !known)
		}
		if !known {
			b.put(token, row("2026-11-23", "codex", 7_654_321, 1))
			close(c.adds)
			for added := false; !added; {
				_, added, _ = b.s.ranks.Crowd(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}, &board.Standing{Marks: make([]store.Mark, 3_000)})
			}
		}
	}
}

// Whoever goes private, hides something, changes their handle or is erased is seen so by the next read of a long board, whatever was
// kept. Fails where a page is kept whole.
func TestLongBoardsShowNobodyLonger(t *testing.T) {
	b, _ := newCrowd(t)
	bob := b.account("bob", store.Public)
	token := b.token(bob, "x")
	b.uploaded(token, row("2026-11-23", "codex", 7_654_321, 1_234_567))
	b.uploaded(b.token(b.account("ada", store.Public), "x"), row("2026-11-23", "codex", 1, 1))
	cookie := b.signIn(bob)
	all := func() map[string]string {
		texts := make(map[string]string)
		for _, path := range boardPaths {
			b.ask("GET", path, "", "") // keeps what it may
			texts[path] = b.want(http.StatusOK, b.ask("GET", path, "", "")).Body.String()
		}
		return texts
	}
	lacks := func(when string, words ...string) {
		t.Helper()
		for path, text := range all() {
			for _, word := range words {
				if strings.Contains(text, word) {
					t.Errorf("%s, %s shows %s", when, path, word)
				}
			}
		}
	}
	settings := func(pairs ...string) {
		t.Helper()
		b.want(http.StatusSeeOther, b.ask("POST", "/settings/visibility", cookie, form(pairs...)))
	}
	for path, text := range all() {
		if !strings.Contains(text, "bob") || !strings.Contains(text, "opus") {
			t.Fatalf("%s lacks bob or his model: %s", path, text)
		}
	}
	settings("visibility", "public", "hide", "models")
	for path, text := range all() {
		_, line, _ := strings.Cut(text, "bob")
		if line, _, _ = strings.Cut(line, "ada"); strings.Contains(line, "opus") {
			t.Errorf("%s shows a hidden model: %s", path, line)
		}
	}
	settings("visibility", "public")
	all()
	b.want(http.StatusSeeOther, b.ask("POST", "/settings/handle", cookie, form("handle", "rob")))
	lacks("renamed", "bob")
	for path, text := range all() {
		if !strings.Contains(text, "rob") {
			t.Errorf("%s lacks the new handle", path)
		}
	}
	settings("visibility", "private")
	lacks("private", "bob", "rob")
	settings("visibility", "public")
	all()
	b.want(http.StatusOK, b.ask("POST", "/settings/erase", cookie, form("confirm", "rob")))
	lacks("erased", "bob", "rob")
}

// Nobody who looks at a long board waits for what others sent; whoever sent something sees it on the page and on their own line.
func TestOnesOwnUploadIsOnALongBoardAtOnce(t *testing.T) {
	b, _ := newCrowd(t)
	cookies, tokens := make(map[string]string), make(map[string]string)
	for i, handle := range []string{"ada", "bob"} {
		u := b.account(handle, store.Public)
		tokens[handle], cookies[handle] = b.token(u, "x"), b.signIn(u)
		b.uploaded(tokens[handle], row("2026-11-23", "codex", int64(1000-i), 0))
	}
	b.want(http.StatusOK, b.ask("GET", "/", "", "")) // a board that is read for the first time holds everything
	b.put(tokens["bob"], row("2026-11-23", "codex", 123_456, 0))
	for _, tt := range []struct {
		as    string
		shown bool
	}{{"", false}, {cookies["ada"], false}, {cookies["bob"], true}, {"", true}} {
		text := b.want(http.StatusOK, b.ask("GET", "/", tt.as, "")).Body.String()
		if strings.Contains(text, "123,456") != tt.shown {
			t.Errorf("as %q the upload is shown: %v", tt.as, !tt.shown)
		}
	}
	b.put(tokens["ada"], row("2026-11-23", "codex", 200_000, 0))
	b.wait(20 * time.Second)
	if answer := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard, "", "")); answer.AsOf != "2026-11-23T12:00:00Z" || answer.Items[0].Handle != "bob" {
		t.Errorf("without ada's upload it is as of %s: %+v", answer.AsOf, answer.Items)
	}
	b.wait(2 * time.Minute) // the standing is too old: it is made again, with everything
	if answer := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard, "", "")); answer.AsOf != "2026-11-23T12:02:00Z" || answer.Items[0].Handle != "ada" {
		t.Errorf("as of %s: %+v", answer.AsOf, answer.Items)
	}
}
