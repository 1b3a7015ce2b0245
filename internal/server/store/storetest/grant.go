package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

var plenty = store.GrantLimit{Address: 100, Network: 100}

func grant(name string) store.Grant {
	return store.Grant{DeviceCode: store.HashOf("device " + name), UserCode: store.HashOf("user " + name), Name: name, OS: "linux", Client: "1.0.0",
		Scope: "usage:write", Address: "192.0.2.1", Network: "192.0.2.0/24", At: Noon, Expires: Noon.Add(10 * time.Minute), Interval: 5 * time.Second}
}

func ask(t *testing.T, s store.Store, g store.Grant) {
	t.Helper()
	if err := s.AddGrant(t.Context(), g, plenty); err != nil {
		t.Fatal(err)
	}
}

// poll asks at a time and returns what the device is told.
func poll(t *testing.T, s store.Store, g store.Grant, at time.Time) store.Poll {
	t.Helper()
	n := newToken("token " + g.Name + at.String())
	n.At = at
	return must[store.Poll](t)(s.PollGrant(t.Context(), g.DeviceCode, n))
}

func testGrant(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, g := enrol(t, s, "mira"), grant("studio")
	ask(t, s, g)
	if got := poll(t, s, g, Noon); got.State != store.GrantPending {
		t.Errorf("before the decision: %+v", got)
	}
	want := g
	want.DeviceCode = store.Hash{}
	if diff := cmp.Diff(want, must[store.Grant](t)(s.Grant(ctx, g.UserCode, Noon))); diff != "" {
		t.Errorf("grant (-want +got):\n%s", diff)
	}
	_, err := s.Grant(ctx, store.HashOf("guess"), Noon)
	wantErr(t, "a guessed code", err, store.ErrNotFound)
	if err := s.DecideGrant(ctx, mira, g.UserCode, true, Noon); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "deciding twice", s.DecideGrant(ctx, mira, g.UserCode, false, Noon), store.ErrNotFound)
	p := poll(t, s, g, Noon.Add(6*time.Second))
	if p.State != store.GrantMinted || p.Handle != "mira" || p.Token.Name != "studio" || p.Token.Scope != "usage:write" {
		t.Errorf("after approval: %+v", p)
	}
	if got := poll(t, s, g, Noon.Add(12*time.Second)); got.State != store.GrantUnknown {
		t.Errorf("after it was used: %+v", got)
	}
	// The same machine comes back after signing out, and is the same device; its uploads are numbered anew.
	old := store.Actor{User: mira.User, Device: p.Token.Device}
	put(t, s, old, upload(7, day("2026-11-23", "codex", "gpt-5", 10, 1)))
	if err := s.RevokeToken(ctx, mira, p.Token.ID, Noon); err != nil {
		t.Fatal(err)
	}
	for _, back := range []struct {
		code string
		same bool
	}{{"back", true}, {"while still signed in", false}} {
		g := grant("studio")
		g.DeviceCode, g.UserCode = store.HashOf(back.code), store.HashOf("user"+back.code)
		ask(t, s, g)
		if err := s.DecideGrant(ctx, mira, g.UserCode, true, Noon); err != nil {
			t.Fatal(err)
		}
		n := newToken(back.code)
		got := must[store.Poll](t)(s.PollGrant(ctx, g.DeviceCode, n))
		if same := got.Token.Device == p.Token.Device; same != back.same {
			t.Errorf("%s: device %+v, the first was %+v", back.code, got.Token, p.Token)
		}
		put(t, s, store.Actor{User: mira.User, Device: got.Token.Device}, upload(1, day("2026-11-23", "codex", "gpt-5", 10, 1)))
	}
}

func testGrantDenied(t *testing.T, s store.Store) {
	mira, g := enrol(t, s, "mira"), grant("studio")
	ask(t, s, g)
	if err := s.DecideGrant(t.Context(), mira, g.UserCode, false, Noon); err != nil {
		t.Fatal(err)
	}
	for range 2 { // until it expires
		if got := poll(t, s, g, Noon); got.State != store.GrantDenied {
			t.Errorf("denied: %+v", got)
		}
	}
}

func testGrantExpires(t *testing.T, s store.Store) {
	mira, g := enrol(t, s, "mira"), grant("studio")
	ask(t, s, g)
	_, err := s.Grant(t.Context(), g.UserCode, g.Expires)
	wantErr(t, "looking up an expired code", err, store.ErrNotFound)
	wantErr(t, "approving an expired code", s.DecideGrant(t.Context(), mira, g.UserCode, true, g.Expires), store.ErrNotFound)
	if got := poll(t, s, g, g.Expires); got.State != store.GrantExpired {
		t.Errorf("at its end: %+v", got)
	}
	// Approved in time, fetched too late.
	if err := s.DecideGrant(t.Context(), mira, g.UserCode, true, Noon); err != nil {
		t.Fatal(err)
	}
	if got := poll(t, s, g, g.Expires); got.State != store.GrantExpired {
		t.Errorf("fetched at its end: %+v", got)
	}
	if got := poll(t, s, grant("other"), Noon); got.State != store.GrantUnknown {
		t.Errorf("a code never given out: %+v", got)
	}
}

func testSlowDown(t *testing.T, s store.Store) {
	g := grant("studio")
	ask(t, s, g)
	for _, step := range []struct {
		after time.Duration
		want  store.GrantState
	}{
		{0, store.GrantPending},
		{5 * time.Second, store.GrantPending},
		{9 * time.Second, store.GrantTooSoon},                       // the interval is now 10 s
		{18 * time.Second, store.GrantTooSoon},                      // and now 15 s
		{33 * time.Second, store.GrantPending},                      // exactly on time
		{47*time.Second + 999*time.Millisecond, store.GrantTooSoon}, // the interval stays
		{68 * time.Second, store.GrantPending},
	} {
		if got := poll(t, s, g, Noon.Add(step.after)); got.State != step.want {
			t.Errorf("after %s: state %d, want %d", step.after, got.State, step.want)
		}
	}
}

func testOneMint(t *testing.T, s store.Store) {
	mira, g := enrol(t, s, "mira"), grant("studio")
	ask(t, s, g)
	if err := s.DecideGrant(t.Context(), mira, g.UserCode, true, Noon); err != nil {
		t.Fatal(err)
	}
	polls, errs := make([]store.Poll, 50), make([]error, 50)
	var wg sync.WaitGroup
	for i := range polls {
		wg.Go(func() {
			errs[i] = patiently(func() (err error) {
				polls[i], err = s.PollGrant(background, g.DeviceCode, newToken(fmt.Sprint("token ", i)))
				return err
			})
		})
	}
	wg.Wait()
	minted := 0
	for i, p := range polls {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if p.State == store.GrantMinted {
			minted++
		}
	}
	if tokens := must[[]store.Token](t)(s.TokensOf(t.Context(), mira, Noon)); minted != 1 || len(tokens) != 2 {
		t.Errorf("%d polls got a token, the account has %d, one of them from before", minted, len(tokens))
	}
}

func testGrantBounds(t *testing.T, s store.Store) {
	limit := store.GrantLimit{Address: 2, Network: 3}
	add := func(name, address string, at time.Time) error {
		g := grant(name)
		g.Address, g.At, g.Expires = address, at, at.Add(10*time.Minute)
		return s.AddGrant(t.Context(), g, limit)
	}
	wantErr(t, "first", add("a", "192.0.2.1", Noon), nil)
	wantErr(t, "second", add("b", "192.0.2.1", Noon), nil)
	wantErr(t, "third of an address", add("c", "192.0.2.1", Noon), store.ErrTooMany)
	wantErr(t, "third of the network", add("d", "192.0.2.2", Noon), nil)
	wantErr(t, "fourth of the network", add("e", "192.0.2.3", Noon), store.ErrTooMany)
	wantErr(t, "when they have expired", add("f", "192.0.2.1", Noon.Add(10*time.Minute)), nil)
}

// testGrantsAtOnce asks for more than there may be, all at the same time: none is counted past another.
func testGrantsAtOnce(t *testing.T, s store.Store) {
	const at, most = 12, 3
	results := make(chan error, at)
	for i := range at {
		g := grant(fmt.Sprintf("code %d", i))
		g.Address = "192.0.2.1"
		go func() { results <- s.AddGrant(t.Context(), g, store.GrantLimit{Address: most, Network: at}) }()
	}
	made := 0
	for range at {
		if err := <-results; err == nil {
			made++
		} else if !errors.Is(err, store.ErrTooMany) {
			t.Error(err)
		}
	}
	if made != most {
		t.Errorf("%d grants of an address that may have %d", made, most)
	}
}
