package storetest

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

func testInstance(t *testing.T, s store.Store) {
	ctx := t.Context()
	a, b := must[[]byte](t)(s.Secret(ctx, "a")), must[[]byte](t)(s.Secret(ctx, "b"))
	if len(a) != 32 || bytes.Equal(a, b) || !bytes.Equal(a, must[[]byte](t)(s.Secret(ctx, "a"))) {
		t.Error("a secret is not 32 bytes of its own that stay")
	}
	_, err := s.Site(ctx)
	wantErr(t, "before it was set", err, store.ErrNotFound)
	for _, site := range []string{"http://127.0.0.1:1", "https://tokenflex.example"} {
		if err := s.SetSite(ctx, site); err != nil {
			t.Fatal(err)
		}
		if got := must[string](t)(s.Site(ctx)); got != site {
			t.Errorf("site %q, want %q", got, site)
		}
	}
	if err := s.Ready(ctx); err != nil {
		t.Error(err)
	}
}

func testAccounts(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := must[store.User](t)(s.AddUser(ctx, "mira", Noon))
	if want := (store.User{ID: u.ID, Handle: "mira", Visibility: store.Private, CreatedAt: Noon}); u != want {
		t.Errorf("a new account is %+v, want %+v", u, want)
	}
	_, err := s.AddUser(ctx, "mira", Noon)
	wantErr(t, "a handle twice", err, store.ErrTaken)
	for _, bad := range []string{"", "Mira", "-mira", "mira-", "mi ra", "mi_ra", "<b>", "a23456789012345678901234567890123456789x"} {
		if _, err := s.AddUser(ctx, bad, Noon); err == nil {
			t.Errorf("the handle %q was taken", bad)
		}
	}
	got := must[store.User](t)(s.UserByHandle(ctx, "mira"))
	if got != u {
		t.Errorf("by handle: %+v, want %+v", got, u)
	}
	_, err = s.UserByHandle(ctx, "nobody")
	wantErr(t, "nobody", err, store.ErrNotFound)
	must[store.User](t)(s.AddUser(ctx, "adam", Noon))
	all := must[[]store.User](t)(s.Users(ctx))
	if len(all) != 2 || all[0].Handle != "adam" || all[1] != u {
		t.Errorf("accounts %+v", all)
	}
}

func session(secret string, at time.Time) store.Session {
	return store.Session{Secret: store.HashOf(secret), ID: newToken(secret).ID, Way: "link", Agent: "Firefox on Linux", At: at, Expires: at.Add(30 * 24 * time.Hour), Idle: 14 * 24 * time.Hour}
}

func testSignIn(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := must[store.User](t)(s.AddUser(ctx, "mira", Noon))
	link := store.HashOf("link")
	if err := s.AddInvite(ctx, u.ID, link, Noon, Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := store.Invite{User: u, New: true, ExpiresAt: Noon.Add(time.Hour)}
	if got := must[store.Invite](t)(s.Invite(ctx, link, Noon)); got != want {
		t.Errorf("the link is %+v, want %+v", got, want)
	}
	_, err := s.Invite(ctx, link, Noon.Add(time.Hour))
	wantErr(t, "an expired link", err, store.ErrSpent)
	_, err = s.SignIn(ctx, link, session("late", Noon.Add(time.Hour)))
	wantErr(t, "signing in by an expired link", err, store.ErrSpent)
	_, err = s.Invite(ctx, store.HashOf("guess"), Noon)
	wantErr(t, "a guessed link", err, store.ErrSpent)

	if got := must[store.User](t)(s.SignIn(ctx, link, session("browser", Noon))); got != u {
		t.Errorf("signed in as %+v", got)
	}
	_, err = s.Invite(ctx, link, Noon)
	wantErr(t, "a used link", err, store.ErrSpent)
	who := must[store.Actor](t)(s.SessionActor(ctx, store.HashOf("browser"), Noon))
	if diff := cmp.Diff(store.Actor{User: u.ID, Handle: "mira", Key: store.HashOf("browser"), Session: session("browser", Noon).ID, Since: Noon}, who); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	if err := s.SignOut(ctx, who); err != nil {
		t.Fatal(err)
	}
	_, err = s.SessionActor(ctx, store.HashOf("browser"), Noon)
	wantErr(t, "a session after its end", err, store.ErrNotFound)
}

func testLinkOnce(t *testing.T, s store.Store) {
	u := must[store.User](t)(s.AddUser(t.Context(), "mira", Noon))
	link := store.HashOf("link")
	if err := s.AddInvite(t.Context(), u.ID, link, Noon, Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = patiently(func() error {
				_, err := s.SignIn(background, link, session(string(rune('a'+i)), Noon))
				return err
			})
		})
	}
	wg.Wait()
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
			continue
		}
		wantErr(t, "the others", err, store.ErrSpent)
	}
	if in != 1 {
		t.Errorf("%d signed in by one link", in)
	}
}

func testSessionsEnd(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := must[store.User](t)(s.AddUser(ctx, "mira", Noon))
	if err := s.AddInvite(ctx, u.ID, store.HashOf("link"), Noon, Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	must[store.User](t)(s.SignIn(ctx, store.HashOf("link"), session("browser", Noon)))
	key, dayLong := store.HashOf("browser"), 24*time.Hour
	must[store.Actor](t)(s.SessionActor(ctx, key, Noon.Add(13*dayLong)))
	must[store.Actor](t)(s.SessionActor(ctx, key, Noon.Add(26*dayLong))) // used since, so not idle
	_, err := s.SessionActor(ctx, key, Noon.Add(30*dayLong))
	wantErr(t, "a session of 30 days", err, store.ErrNotFound)
	_, err = s.SessionActor(ctx, store.HashOf("link"), Noon)
	wantErr(t, "a link as a session", err, store.ErrNotFound)

	if err := s.AddInvite(ctx, u.ID, store.HashOf("again"), Noon, Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	must[store.User](t)(s.SignIn(ctx, store.HashOf("again"), session("other", Noon)))
	_, err = s.SessionActor(ctx, store.HashOf("other"), Noon.Add(14*dayLong))
	wantErr(t, "a session idle for 14 days", err, store.ErrNotFound)
}

func testTokens(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := must[store.User](t)(s.AddUser(ctx, "mira", Noon))
	tok := must[store.Token](t)(s.AddToken(ctx, u.ID, "laptop", newToken("one")))
	who := must[store.Actor](t)(s.TokenActor(ctx, store.HashOf("one"), Noon))
	want := store.Actor{User: u.ID, Handle: "mira", Key: store.HashOf("one"), Device: tok.Device, DeviceName: "laptop", TokenID: tok.ID, Scope: "usage:write"}
	if diff := cmp.Diff(want, who); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	tok.UsedOn = "2026-11-23"
	if diff := cmp.Diff([]store.Token{tok}, must[[]store.Token](t)(s.TokensOf(ctx, who, Noon))); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	_, err := s.TokenActor(ctx, store.HashOf("two"), Noon)
	wantErr(t, "an unknown token", err, store.ErrNotFound)

	short := newToken("short")
	short.Expires = Noon.Add(time.Hour)
	must[store.Token](t)(s.AddToken(ctx, u.ID, "laptop", short))
	must[store.Actor](t)(s.TokenActor(ctx, short.Secret, Noon))
	_, err = s.TokenActor(ctx, short.Secret, Noon.Add(time.Hour))
	wantErr(t, "an expired token", err, store.ErrNotFound)

	for range 2 {
		if err := s.RevokeToken(ctx, who, tok.ID, Noon); err != nil {
			t.Errorf("revoke: %v", err)
		}
	}
	_, err = s.TokenActor(ctx, store.HashOf("one"), Noon)
	wantErr(t, "a revoked token", err, store.ErrNotFound)
}

func testTokenBounds(t *testing.T, s store.Store) {
	u := must[store.User](t)(s.AddUser(t.Context(), "mira", Noon))
	for i := range store.MaxTokens {
		must[store.Token](t)(s.AddToken(t.Context(), u.ID, "laptop", newToken(string(rune('a'+i)))))
	}
	_, err := s.AddToken(t.Context(), u.ID, "laptop", newToken("more"))
	wantErr(t, "one token too many", err, store.ErrTooMany)
}

// testDeviceBounds revokes each token after it was made: what is bounded here is devices, which stay.
func testDeviceBounds(t *testing.T, s store.Store) {
	u := must[store.User](t)(s.AddUser(t.Context(), "mira", Noon))
	for i := range store.MaxDevices {
		n := newToken(string(rune('a' + i)))
		must[store.Token](t)(s.AddToken(t.Context(), u.ID, "device-"+string(rune('a'+i)), n))
		who := must[store.Actor](t)(s.TokenActor(t.Context(), n.Secret, Noon))
		if err := s.RevokeToken(t.Context(), who, n.ID, Noon); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AddToken(t.Context(), u.ID, "more", newToken("more"))
	wantErr(t, "one device too many", err, store.ErrTooMany)
	must[store.Token](t)(s.AddToken(t.Context(), u.ID, "device-a", newToken("again"))) // one that is there
}

func testDevices(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	put(t, s, mira, upload(7, day("2026-11-23", "codex", "gpt-5", 30, 4)))
	want := []store.Device{
		{ID: mira.Device, Name: "laptop", OS: "linux", Client: "1.0.0", CreatedAt: Noon, SyncedAt: Noon, LastSeq: 7, Tokens: 34},
		{ID: phone.Device, Name: "phone", CreatedAt: Noon},
	}
	if diff := cmp.Diff(want, must[[]store.Device](t)(s.DevicesOf(ctx, mira))); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	wantErr(t, "a name twice", s.RenameDevice(ctx, mira, phone.Device, "laptop"), store.ErrTaken)
	if err := s.RenameDevice(ctx, mira, phone.Device, "tablet"); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeDevice(ctx, mira, phone.Device, Noon); err != nil {
		t.Fatal(err)
	}
	_, err := s.TokenActor(ctx, phone.Key, Noon)
	wantErr(t, "a token of a revoked device", err, store.ErrNotFound)
	want[1].Name, want[1].Revoked = "tablet", true
	if diff := cmp.Diff(want, must[[]store.Device](t)(s.DevicesOf(ctx, mira))); diff != "" {
		t.Errorf("devices afterwards (-want +got):\n%s", diff)
	}
}

func testDeviceNames(t *testing.T, s store.Store) {
	u := must[store.User](t)(s.AddUser(t.Context(), "mira", Noon))
	name := func(asked, secret string) string {
		return must[store.Token](t)(s.AddToken(t.Context(), u.ID, asked, newToken(secret))).Name
	}
	got := []string{name("", "a"), name("", "b"), name("ci", "c"), name("ci", "d")}
	if diff := cmp.Diff([]string{"device", "device-2", "ci", "ci"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
