package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

// What the host holds stays held through uploads until the host releases it.
func testHostHolds(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	one, two := day("2026-11-22", "codex", "gpt-5", 10, 5), day("2026-11-23", "codex", "gpt-5", 20, 5)
	put(t, s, mira, upload(1, one, two))
	wantErr(t, "a cell without rows", s.HoldCell(t.Context(), mira.User, "2026-11-20", "codex", Noon), store.ErrNotFound)
	if err := s.HoldCell(t.Context(), mira.User, one.Date, one.Source, Noon); err != nil {
		t.Fatal(err)
	}
	want := []store.Hold{{Day: one.Date, Source: one.Source, Reason: store.HeldByHost, Value: 15, Tokens: 15}}
	if diff := cmp.Diff(want, must[[]store.Hold](t)(s.HoldsOf(t.Context(), mira))); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	wantTotal(t, s, mira, two)
	one.Tokens.Input++
	put(t, s, mira, upload(2, one, two))
	wantTotal(t, s, mira, two)
	if err := s.ReleaseHold(t.Context(), mira.User, one.Date, one.Source, Noon); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, s, mira, one, two)
	// The host may change its mind about what it released.
	if err := s.HoldCell(t.Context(), mira.User, one.Date, one.Source, Noon); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, s, mira, two)
}

// A banned account is nowhere, sends nothing and is signed out; what it sent is back when it is let go on.
func testSuspension(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	share(t, s, mira, store.Public)
	one := day("2026-11-23", "codex", "gpt-5", 10, 5)
	put(t, s, mira, upload(1, one))
	session := signedIn(t, s, mira.User, "mira's browser")
	if err := s.Suspend(t.Context(), mira.User, true, Noon); err != nil {
		t.Fatal(err)
	}
	all := store.Board{Period: store.Always.Name, Metric: store.ByTokens}
	if lines := page(t, s, all, nil, 10); len(lines) > 0 {
		t.Errorf("a banned account is on the board: %+v", lines)
	}
	_, err := s.PublicUser(t.Context(), "mira")
	wantErr(t, "its profile", err, store.ErrNotFound)
	_, err = s.PutDays(t.Context(), mira, upload(2, day("2026-11-23", "codex", "gpt-5", 99, 5)))
	wantErr(t, "its upload", err, store.ErrSuspended)
	_, err = s.SessionActor(t.Context(), session, Noon)
	wantErr(t, "its session", err, store.ErrNotFound)
	if err := s.Suspend(t.Context(), mira.User, false, Noon); err != nil {
		t.Fatal(err)
	}
	if lines := page(t, s, all, nil, 10); len(lines) != 1 || lines[0].Value != 15 {
		t.Errorf("back again, the board has %+v", lines)
	}
	_, err = s.SessionActor(t.Context(), session, Noon)
	wantErr(t, "its old session", err, store.ErrNotFound)
	if err := s.Suspend(t.Context(), 999, true, Noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("banning nobody: %v", err)
	}
}

// testSuspendedSignIns knocks at every way in of a suspended account, and of one that is suspended no more.
func testSuspendedSignIns(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := signUp(t, s, "mira")
	p := passkey("phone")
	if err := s.AddPasskey(ctx, mira, p); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		stop       bool
		link, want error
	}{{true, store.ErrSpent, store.ErrSuspended}, {false, nil, nil}} {
		link := store.HashOf(fmt.Sprintf("link %d", i))
		if err := s.AddInvite(ctx, mira.User, link, Noon, Noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.Suspend(ctx, mira.User, tt.stop, Noon); err != nil {
			t.Fatal(err)
		}
		_, err := s.SignInBy(ctx, identity("mira").Key, session(fmt.Sprintf("identity %d", i), Noon))
		wantErr(t, fmt.Sprintf("suspended %v, by an identity", tt.stop), err, tt.want)
		_, err = s.SignInByPasskey(ctx, p, session(fmt.Sprintf("passkey %d", i), Noon))
		wantErr(t, fmt.Sprintf("suspended %v, by a passkey", tt.stop), err, tt.want)
		_, err = s.SignIn(ctx, link, session(fmt.Sprintf("link %d", i), Noon))
		wantErr(t, fmt.Sprintf("suspended %v, by a link", tt.stop), err, tt.link)
	}
}

func signedIn(t *testing.T, s store.Store, user int64, secret string) store.Hash {
	t.Helper()
	link := store.HashOf("link of " + secret)
	if err := s.AddInvite(t.Context(), user, link, Noon, Noon.Add(60e9)); err != nil {
		t.Fatal(err)
	}
	session := store.Session{Secret: store.HashOf(secret), At: Noon, Expires: Noon.Add(3600e9), Idle: 3600e9}
	must[store.User](t)(s.SignIn(t.Context(), link, session))
	return session.Secret
}

func testActs(t *testing.T, s store.Store) {
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	if err := s.Suspend(t.Context(), mira.User, true, Noon); err != nil {
		t.Fatal(err)
	}
	acts := must[[]store.Act](t)(s.Acts(t.Context(), mira.User, 2))
	if len(acts) != 2 || acts[0] != (store.Act{At: Noon, User: mira.User, Action: "ban"}) || acts[1].User != mira.User {
		t.Errorf("mira's last acts are %+v", acts)
	}
	users := map[int64]bool{}
	for _, a := range must[[]store.Act](t)(s.Acts(t.Context(), 0, 100)) {
		users[a.User] = true
	}
	if !users[mira.User] || !users[adam.User] {
		t.Errorf("all acts are of %v", users)
	}
}
