package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// Nobody can tell a private account, an aggregate one and a missing one apart.
func TestHiddenAccountsLookMissing(t *testing.T) {
	b := newBench(t)
	for handle, v := range map[string]store.Visibility{"private-one": store.Private, "aggregate-1": store.Aggregate} {
		b.put(b.token(b.account(handle, v), "studio"), row("2026-11-20", "codex", 1000, 10))
	}
	cookie := b.signIn(b.account("reader", store.Public))
	for _, path := range []string{"/u/%s", wire.PathUsers + "%s", wire.PathUsers + "%s/days", wire.PathUsers + "%s/days?from=2026-01-01", "/u/%s?year=2025"} {
		for _, as := range []string{"", cookie} {
			missing := sameBut(b.ask("GET", fmt.Sprintf(path, "nobody-here"), as, ""), "nobody-here")
			if !strings.HasPrefix(missing, "404") {
				t.Errorf("%s: %s", path, missing)
			}
			for _, hidden := range []string{"private-one", "aggregate-1"} {
				if got := sameBut(b.ask("GET", fmt.Sprintf(path, hidden), as, ""), hidden); got != missing {
					t.Errorf("%s of %s differs from a missing one:\n%s\n%s", path, hidden, got, missing)
				}
			}
		}
	}
}

// watched is a store that notes what is asked of it about accounts and boards.
type watched struct {
	store.Store
	asked []string
}

func (w *watched) PublicUser(ctx context.Context, handle string) (store.User, error) {
	w.asked = append(w.asked, "user")
	return w.Store.PublicUser(ctx, handle)
}

func (w *watched) DaysOf(ctx context.Context, reader store.Actor, user int64, from, to string) ([]usage.Day, error) {
	w.asked = append(w.asked, "days")
	return w.Store.DaysOf(ctx, reader, user, from, to)
}

func (w *watched) LineOf(ctx context.Context, b store.Board, reader store.Actor, user int64) (store.Line, error) {
	w.asked = append(w.asked, "line")
	return w.Store.LineOf(ctx, b, reader, user)
}

func (w *watched) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	w.asked = append(w.asked, "any user")
	return w.Store.UserByHandle(ctx, handle)
}

// What is hidden takes the same work as what is missing, one question and no more, and has every header alike: no clock tells them
// apart. Fails where the account is looked up first and its visibility later.
func TestHiddenAccountsCostNoMoreThanMissingOnes(t *testing.T) {
	w := &watched{}
	b := newBench(t, func(o *Options) { w.Store, o.Store = o.Store, w })
	for handle, v := range map[string]store.Visibility{"private-one": store.Private, "aggregate-1": store.Aggregate, "public-one1": store.Public} {
		b.put(b.token(b.account(handle, v), "studio"), row("2026-11-20", "codex", 1000, 10))
	}
	ask := func(path, handle string) (string, []string) {
		w.asked = nil
		answer := b.ask("GET", fmt.Sprintf(path, handle), "", "")
		answer.Header().Del("X-Request-Id")
		return fmt.Sprint(answer.Code, answer.Header()), w.asked
	}
	for _, path := range []string{"/u/%s", wire.PathUsers + "%s", wire.PathUsers + "%s/days?from=2026-11-01&to=2026-11-30"} {
		headers, work := ask(path, "missing-one")
		if len(work) != 1 {
			t.Errorf("%s: a missing account takes %v", path, work)
		}
		if _, shown := ask(path, "public-one1"); len(shown) < 2 {
			t.Errorf("%s: a public account takes %v only", path, shown)
		}
		for _, hidden := range []string{"private-one", "aggregate-1"} {
			if h, w := ask(path, hidden); h != headers || !slices.Equal(w, work) {
				t.Errorf("%s of %s: %s after %v; of a missing one %s after %v", path, hidden, h, w, headers, work)
			}
		}
	}
}

// Aggregate accounts join a public sum only where so many of them do that none can be worked out.
func TestSumsOfFewHoldPublicAccountsOnly(t *testing.T) {
	b := newBench(t)
	sum := func() (tokens, ranked int64) {
		board := decode[wire.Leaderboard](b, b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard, "", "")))
		return board.Totals.Tokens, board.Ranked
	}
	public, hidden := int64(0), int64(0)
	for i := range int64(6) {
		b.put(b.token(b.account(fmt.Sprint("public", i), store.Public), "x"), row("2026-11-20", "codex", 1000+i, 0))
		public += 1000 + i
	}
	b.put(b.token(b.account("private", store.Private), "x"), row("2026-11-20", "codex", 777, 0))
	for i := range int64(5) {
		b.put(b.token(b.account(fmt.Sprint("aggregate", i), store.Aggregate), "x"), row("2026-11-20", "codex", 50+i, 0))
		hidden += 50 + i
		want := public
		if i == 4 {
			want += hidden
		}
		if tokens, ranked := sum(); tokens != want || ranked != 6 {
			t.Errorf("%d aggregate accounts: sum %d of %d lines, want %d of 6", i+1, tokens, ranked, want)
		}
	}
}

// A model that only few people use may be named after where they work.
func TestRareModelNamesAreNotShown(t *testing.T) {
	b := newBench(t)
	secret := row("2026-11-20", "codex", 1_000_000, 0)
	secret.Model = "ft:gpt-5:acme:merger:1a2b"
	mira := b.account("mira", store.Public)
	b.put(b.token(mira, "x"), secret, row("2026-11-20", "codex", 5, 0))
	paths := []string{"/", "/u/mira", wire.PathLeaderboard, wire.PathUsers + "mira", wire.PathUsers + "mira/days"}
	for _, path := range paths {
		if text := b.ask("GET", path, "", "").Body.String(); strings.Contains(text, "acme") {
			t.Errorf("%s shows the name", path)
		}
	}
	if text := b.ask("GET", "/u/mira", b.signIn(mira), "").Body.String(); !strings.Contains(text, "acme") {
		t.Error("the owner does not see the name")
	}
	for i := range 4 {
		b.put(b.token(b.account(fmt.Sprint("user", i), store.Private), "x"), secret)
	}
	for _, path := range paths {
		if text := b.ask("GET", path, "", "").Body.String(); !strings.Contains(text, "acme") {
			t.Errorf("%s does not show a name that five use", path)
		}
	}
}

// erasing is a store of which an account is erased between the look at its token and what the token asks for.
type erasing struct {
	store.Store
	who store.Actor
}

func (e erasing) erase(ctx context.Context) error {
	return e.Store.Erase(ctx, e.who, e.who.Handle, noon)
}

func (e erasing) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	return store.Receipt{}, errors.Join(e.erase(ctx), store.ErrNotFound)
}

func (e erasing) Export(ctx context.Context, who store.Actor, emit func(string, json.RawMessage) error) error {
	return errors.Join(e.erase(ctx), e.Store.Export(ctx, who, emit))
}

// Whoever is erased while they send or take out is answered as if they had been before. Fails where the upload is not found, and
// where the export is the end of a document that never began, with status 200.
func TestErasedInTheMiddle(t *testing.T) {
	for _, format := range []string{"", "json", "csv"} {
		b := newBench(t)
		mira := b.account("mira", store.Public)
		token, cookie := b.token(mira, "studio"), b.signIn(mira)
		b.put(token, row("2026-11-20", "codex", 1000, 1))
		who, err := b.store.TokenActor(t.Context(), store.HashOf(token), noon)
		if err != nil {
			t.Fatal(err)
		}
		b.s.Store = erasing{b.store, who}
		var w *httptest.ResponseRecorder
		if format == "" {
			w = b.want(http.StatusUnauthorized, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-20", "codex", 2000, 1))))
		} else {
			w = b.want(http.StatusNotFound, b.ask("GET", wire.PathExport+"?format="+format, cookie, ""))
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%q: %v", format, w.Header())
		}
	}
}
