package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
)

var pictures = []string{"/badge/%s.svg", "/badge/%s.svg?metric=tokens&period=all", "/badge/%s.svg?metric=cost", "/badge/%s.svg?metric=streak",
	"/card/%s.svg", "/card/%s.svg?period=2026&theme=dark", "/card/%s.png"}

// Pictures of private, aggregate, suspended and missing accounts are the same bytes with the same headers after the same work, whoever
// asks. Fails where the visibility is looked at later, and where an account's own session counts.
func TestPicturesOfHiddenAccountsAreOfNobody(t *testing.T) {
	w := &watched{}
	b := newBench(t, func(o *Options) { w.Store, o.Store = o.Store, w })
	private := b.account("private-one", store.Private)
	suspended := b.account("suspended-1", store.Public)
	for _, u := range []store.User{private, suspended, b.account("aggregate-1", store.Aggregate)} {
		b.put(b.token(u, "studio"), row("2026-11-20", "codex", 1000, 10))
	}
	if err := b.store.Suspend(t.Context(), suspended.ID, true, b.now()); err != nil {
		t.Fatal(err)
	}
	ask := func(path, handle, as string) string {
		w.asked = nil
		answer := b.want(http.StatusOK, b.ask("GET", fmt.Sprintf(path, handle), as, ""))
		answer.Header().Del("X-Request-Id")
		return fmt.Sprint(answer.Header(), w.asked, answer.Body)
	}
	owner := b.signIn(private)
	for _, path := range pictures {
		missing := ask(path, "nobody-here", "")
		if !slices.Equal(w.asked, []string{"user"}) {
			t.Errorf("%s: a missing account takes %v", path, w.asked)
		}
		for _, hidden := range []string{"private-one", "aggregate-1", "suspended-1", "", strings.Repeat("x", 300)} {
			if got := ask(path, hidden, ""); got != missing {
				t.Errorf("%s of %.20s differs from a missing one", path, hidden)
			}
		}
		if ask(path, "private-one", owner) != missing {
			t.Errorf("%s shows a private account to its owner: a picture is for pages elsewhere", path)
		}
	}
}

// What an account hides is in none of its pictures, and they say that it is not shown.
func TestPicturesLackWhatIsHidden(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	b.put(b.token(mira, "x"), row("2026-11-22", "codex", 1_000_000, 0), row("2026-11-23", "codex", 3_000_000, 0))
	text := func(path string) string { return b.want(http.StatusOK, b.ask("GET", path, "", "")).Body.String() }
	shown := map[string]string{}
	all := []string{"/badge/mira.svg?metric=cost", "/badge/mira.svg?metric=streak", "/card/mira.svg"}
	for _, path := range all {
		shown[path] = text(path)
	}
	for hide, changed := range map[store.Hidden][]string{
		store.HideCost:   {"/badge/mira.svg?metric=cost", "/card/mira.svg"},
		store.HideDays:   {"/badge/mira.svg?metric=streak", "/card/mira.svg"},
		store.HideModels: {"/card/mira.svg"},
	} {
		if err := b.store.SetHidden(t.Context(), store.Actor{User: mira.ID}, hide); err != nil {
			t.Fatal(err)
		}
		for _, path := range all {
			if got := text(path); (got != shown[path]) != slices.Contains(changed, path) {
				t.Errorf("%v hidden: %s changes: %t", hide.Names(), path, got != shown[path])
			} else if strings.HasPrefix(path, "/badge/") && got != shown[path] && !strings.Contains(got, "not shown</title>") {
				t.Errorf("%v hidden: %s does not say so", hide.Names(), path)
			}
		}
	}
}

// A card shows no name of a model that hardly anybody uses. Letters are outlines, so the card has to be that of a model without a name.
func TestCardsNameNoRareModel(t *testing.T) {
	b := newBench(t)
	card := func(handle, model string) string {
		r := row("2026-11-20", "codex", 1_000_000, 0)
		r.Model = model
		b.put(b.token(b.account(handle, store.Public), "x"), r)
		return strings.ReplaceAll(b.want(http.StatusOK, b.ask("GET", "/card/"+handle+".svg?period=all", "", "")).Body.String(), handle, "")
	}
	secret := card("aaaa", "ft:gpt-5:acme:merger:1a2b")
	other := card("bbbb", "ft:gpt-5:zeta:buyout:9z9z")
	if footOf(secret) != footOf(other) || !strings.Contains(secret, "<path ") {
		t.Error("the cards of two secret models differ")
	}
}

// footOf is the last line of text of a card.
func footOf(svg string) string {
	lines := strings.Split(svg, "<path ")
	return lines[len(lines)-1]
}
