package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

const issuer = "https://id.example"

func identity(subject string) store.Identity {
	return store.Identity{Key: store.HashOf("identity " + subject), ID: newToken("identity " + subject).ID, Issuer: issuer}
}

func passkey(name string) store.Passkey {
	return store.Passkey{Credential: []byte("credential " + name), ID: newToken("passkey " + name).ID, Name: name, PublicKey: []byte("key " + name),
		AAGUID: make([]byte, 16), Transports: "internal,hybrid", Flags: 0x1d, CreatedAt: Noon}
}

// signUp makes an account by an identity and returns the actor of its session.
func signUp(t *testing.T, s store.Store, handle string) store.Actor {
	t.Helper()
	must[store.User](t)(s.SignUp(t.Context(), handle, identity(handle), session(handle, Noon)))
	return must[store.Actor](t)(s.SessionActor(t.Context(), store.HashOf(handle), Noon))
}

func testSpend(t *testing.T, s store.Store) {
	c, until := store.HashOf("challenge"), Noon.Add(time.Minute)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = patiently(func() error { return s.Spend(background, c, until, Noon) }) })
	}
	wg.Wait()
	spent := 0
	for _, err := range errs {
		if err == nil {
			spent++
			continue
		}
		wantErr(t, "the others", err, store.ErrSpent)
	}
	if spent != 1 {
		t.Errorf("one challenge was spent %d times", spent)
	}
	if err := s.Spend(t.Context(), store.HashOf("another"), until, Noon); err != nil {
		t.Error(err)
	}
}

func testSignUp(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.SignInBy(ctx, identity("mira").Key, session("a", Noon))
	wantErr(t, "signing in before signing up", err, store.ErrNotFound)
	mira := signUp(t, s, "mira")
	if mira.Handle != "mira" || mira.Visibility != store.Private {
		t.Errorf("signed up as %+v", mira)
	}
	_, err = s.SignUp(ctx, "mira", identity("adam"), session("b", Noon))
	wantErr(t, "a handle twice", err, store.ErrTaken)
	_, err = s.SignUp(ctx, "adam", identity("mira"), session("c", Noon))
	wantErr(t, "an identity twice", err, store.ErrSpent)
	_, err = s.UserByHandle(ctx, "adam")
	wantErr(t, "a refused account", err, store.ErrNotFound)
	_, err = s.SignUp(ctx, "Not A Handle", identity("eve"), session("d", Noon))
	if err == nil {
		t.Error("a handle that is none was taken")
	}
	again := must[store.User](t)(s.SignInBy(ctx, identity("mira").Key, session("e", Noon.Add(time.Hour))))
	if again.ID != mira.User || again.Handle != "mira" {
		t.Errorf("signed in as %+v", again)
	}
	want := identity("mira")
	want.Key, want.CreatedAt, want.UsedOn = store.Hash{}, Noon, "2026-11-23"
	if diff := cmp.Diff([]store.Identity{want}, must[[]store.Identity](t)(s.IdentitiesOf(ctx, mira))); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
}

func testSignUpOnce(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		name := string(rune('a' + i))
		wg.Go(func() {
			errs[i] = patiently(func() error {
				_, err := s.SignUp(background, name, identity("mira"), session(name, Noon))
				return err
			})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if !errors.Is(err, store.ErrSpent) && !errors.Is(err, store.ErrTaken) {
			t.Errorf("the others: %v", err)
		}
	}
	if all := must[[]store.User](t)(s.Users(t.Context())); made != 1 || len(all) != 1 {
		t.Errorf("one identity made %d accounts: %+v", made, all)
	}
}

func testLink(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := signUp(t, s, "mira"), signUp(t, s, "adam")
	for range 2 {
		if err := s.LinkIdentity(ctx, mira, identity("work"), Noon); err != nil {
			t.Fatal(err)
		}
	}
	if u := must[store.User](t)(s.SignInBy(ctx, identity("work").Key, session("work", Noon))); u.ID != mira.User {
		t.Errorf("the linked identity opens %+v", u)
	}
	wantErr(t, "another's identity", s.LinkIdentity(ctx, adam, identity("work"), Noon), store.ErrTaken)
	wantErr(t, "removing another's identity", s.RemoveWay(ctx, adam, identity("work").ID, []string{issuer}, true, Noon), store.ErrNotFound)
	if all := must[[]store.Identity](t)(s.IdentitiesOf(ctx, adam)); len(all) != 1 {
		t.Errorf("adam has %+v", all)
	}
	for i := len("ab"); i < store.MaxIdentities; i++ {
		if err := s.LinkIdentity(ctx, mira, identity(string(rune('a'+i))), Noon); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, "one too many", s.LinkIdentity(ctx, mira, identity("more"), Noon), store.ErrTooMany)
	if err := s.RemoveWay(ctx, mira, identity("work").ID, []string{issuer}, true, Noon); err != nil {
		t.Fatal(err)
	}
	_, err := s.SignInBy(ctx, identity("work").Key, session("late", Noon))
	wantErr(t, "an identity that was removed", err, store.ErrNotFound)
}

func testPasskeys(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := signUp(t, s, "mira"), signUp(t, s, "adam")
	p := passkey("phone")
	if err := s.AddPasskey(ctx, mira, p); err != nil {
		t.Fatal(err)
	}
	p.User = mira.User
	if diff := cmp.Diff(p, must[store.Passkey](t)(s.Passkey(ctx, p.Credential))); diff != "" {
		t.Errorf("passkey (-want +got):\n%s", diff)
	}
	wantErr(t, "a credential twice", s.AddPasskey(ctx, adam, passkey("phone")), store.ErrTaken)
	_, err := s.Passkey(ctx, []byte("guess"))
	wantErr(t, "a guessed credential", err, store.ErrNotFound)

	for i, tt := range []struct {
		counter uint32
		want    error
	}{{0, nil}, {5, nil}, {5, store.ErrSpent}, {4, store.ErrSpent}, {0, store.ErrSpent}, {6, nil}} {
		p.Counter, p.Flags = tt.counter, 0x05
		u, err := s.SignInByPasskey(ctx, p, session(string(rune('a'+i)), Noon))
		if !errors.Is(err, tt.want) || err == nil && u.ID != mira.User {
			t.Errorf("counter %d: %+v, %v, want %v", tt.counter, u, err, tt.want)
		}
	}
	want := []store.Passkey{{Credential: p.Credential, ID: p.ID, User: mira.User, Name: "phone", CreatedAt: Noon, UsedOn: "2026-11-23"}}
	if diff := cmp.Diff(want, must[[]store.Passkey](t)(s.PasskeysOf(ctx, mira))); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
	if all := must[[]store.Passkey](t)(s.PasskeysOf(ctx, adam)); len(all) > 0 {
		t.Errorf("adam sees %+v", all)
	}
	for i := len("a"); i < store.MaxPasskeys; i++ {
		if err := s.AddPasskey(ctx, mira, passkey(string(rune('a'+i)))); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, "one too many", s.AddPasskey(ctx, mira, passkey("more")), store.ErrTooMany)
}

func testLastWay(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, on := signUp(t, s, "mira"), []string{issuer}
	first, p := identity("mira"), passkey("phone")
	wantErr(t, "the only identity", s.RemoveWay(ctx, mira, first.ID, on, true, Noon), store.ErrLast)
	old := identity("old")
	old.Issuer = "https://gone.example"
	if err := s.LinkIdentity(ctx, mira, old, Noon); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "the only one whose issuer is on", s.RemoveWay(ctx, mira, first.ID, on, true, Noon), store.ErrLast)
	if err := s.AddPasskey(ctx, mira, p); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "the identity where passkeys are off", s.RemoveWay(ctx, mira, first.ID, on, false, Noon), store.ErrLast)
	if err := s.RemoveWay(ctx, mira, first.ID, on, true, Noon); err != nil {
		t.Error(err)
	}
	wantErr(t, "the passkey", s.RemoveWay(ctx, mira, p.ID, on, true, Noon), store.ErrLast)
	if err := s.RemoveWay(ctx, mira, old.ID, on, true, Noon); err != nil {
		t.Error(err)
	}
	wantErr(t, "one that is gone", s.RemoveWay(ctx, mira, first.ID, on, true, Noon), store.ErrNotFound)
}

func testSessions(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := signUp(t, s, "mira"), signUp(t, s, "adam")
	later := Noon.Add(time.Hour)
	for _, name := range []string{"phone", "laptop"} {
		must[store.User](t)(s.SignInBy(ctx, identity("mira").Key, session(name, later)))
	}
	ids := func(who store.Actor) map[string]bool {
		all := make(map[string]bool)
		for _, o := range must[[]store.OpenSession](t)(s.SessionsOf(ctx, who, later)) {
			all[o.ID] = true
		}
		return all
	}
	phone, laptop := session("phone", later), session("laptop", later)
	if diff := cmp.Diff(map[string]bool{mira.Session: true, phone.ID: true, laptop.ID: true}, ids(mira)); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	own := must[[]store.OpenSession](t)(s.SessionsOf(ctx, adam, Noon))
	want := []store.OpenSession{{ID: adam.Session, Way: "link", Agent: "Firefox on Linux", At: Noon, SeenAt: Noon, Expires: Noon.Add(30 * 24 * time.Hour)}}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("adam's sessions (-want +got):\n%s", diff)
	}
	if err := s.EndSession(ctx, adam, phone.ID, later); err != nil {
		t.Errorf("ending another's session says %v, but must tell nothing", err)
	}
	must[store.Actor](t)(s.SessionActor(ctx, phone.Secret, later))
	for range 2 {
		if err := s.EndSession(ctx, mira, phone.ID, later); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.SessionActor(ctx, phone.Secret, later)
	wantErr(t, "a session that was ended", err, store.ErrNotFound)
	if err := s.EndOtherSessions(ctx, mira, later); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{mira.Session: true}, ids(mira)); diff != "" {
		t.Errorf("sessions afterwards (-want +got):\n%s", diff)
	}
	must[store.Actor](t)(s.SessionActor(ctx, adam.Key, later))
}

func testHandles(t *testing.T, s store.Store) {
	ctx, dayLong := t.Context(), 24*time.Hour
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	wantErr(t, "another's handle", s.Rename(ctx, mira, "adam", Noon), store.ErrTaken)
	if err := s.Rename(ctx, mira, "mira", Noon); err != nil {
		t.Errorf("the same handle: %v", err)
	}
	if err := s.Rename(ctx, mira, "vera", Noon); err != nil {
		t.Fatal(err)
	}
	if u := must[store.User](t)(s.UserByHandle(ctx, "vera")); u.ID != mira.User {
		t.Errorf("vera is %+v", u)
	}
	_, err := s.UserByHandle(ctx, "mira")
	wantErr(t, "the old handle", err, store.ErrNotFound)
	if err := s.Rename(ctx, mira, "not a handle", Noon.Add(40*dayLong)); err == nil {
		t.Error("a handle that is none was taken")
	}
	wantErr(t, "renaming again at once", s.Rename(ctx, mira, "nora", Noon.Add(30*dayLong-time.Second)), store.ErrTooSoon)
	wantErr(t, "the old handle for another", s.Rename(ctx, adam, "mira", Noon.Add(89*dayLong)), store.ErrTaken)
	_, err = s.AddUser(ctx, "mira", Noon.Add(89*dayLong))
	wantErr(t, "the old handle for somebody new", err, store.ErrTaken)
	_, err = s.SignUp(ctx, "mira", identity("eve"), session("eve", Noon.Add(89*dayLong)))
	wantErr(t, "the old handle for somebody who signs up", err, store.ErrTaken)
	if err := s.Rename(ctx, mira, "mira", Noon.Add(30*dayLong)); err != nil {
		t.Errorf("taking it back: %v", err)
	}
	if err := s.Rename(ctx, mira, "nora", Noon.Add(60*dayLong)); err != nil {
		t.Error(err)
	}
	if err := s.Rename(ctx, adam, "mira", Noon.Add(150*dayLong)); err != nil {
		t.Errorf("after its hold: %v", err)
	}
	if err := s.Rename(ctx, adam, "ada", Noon.Add(190*dayLong)); err != nil {
		t.Errorf("holding a handle that somebody held before: %v", err)
	}
	wantErr(t, "and it is held anew", s.Rename(ctx, mira, "mira", Noon.Add(190*dayLong)), store.ErrTaken)
}

func testNames(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := enrol(t, s, "mira")
	share(t, s, mira, store.Public)
	for _, name := range []string{"Mira Ångström", ""} {
		if err := s.SetName(ctx, mira, name); err != nil {
			t.Fatal(err)
		}
		public, own := must[store.User](t)(s.PublicUser(ctx, "mira")), must[store.User](t)(s.OwnUser(ctx, mira))
		if public.Name != name || own != public {
			t.Errorf("name %q and %q, want %q", public.Name, own.Name, name)
		}
	}
}

func testMint(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := signUp(t, s, "mira")
	n := newToken("one")
	n.Expires = Noon.Add(time.Hour)
	tok := must[store.Token](t)(s.MintToken(ctx, mira, "ci", n))
	if tok.Name != "ci" || !tok.ExpiresAt.Equal(n.Expires) {
		t.Errorf("token %+v", tok)
	}
	device := must[store.Actor](t)(s.TokenActor(ctx, n.Secret, Noon))
	if device.User != mira.User || device.Device != tok.Device {
		t.Errorf("the token speaks for %+v", device)
	}
	_, err := s.MintToken(ctx, device, "x", newToken("two"))
	wantErr(t, "a token made by a device's", err, store.ErrNotFound)
	late := newToken("three")
	late.At = Noon.Add(store.Fresh)
	_, err = s.MintToken(ctx, mira, "x", late)
	wantErr(t, "a token made in a session that is not fresh", err, store.ErrNotFound)
	account := newToken("account")
	account.Scope, account.Expires = store.ScopeAccount, Noon.Add(store.AccountLife)
	must[store.Token](t)(s.MintToken(ctx, mira, "ci", account))
	owner := must[store.Actor](t)(s.TokenActor(ctx, account.Secret, Noon))
	must[store.Token](t)(s.MintToken(ctx, owner, "ci", newToken("four")))
	_, err = s.MintToken(ctx, store.Actor{User: mira.User, Key: store.HashOf("guess")}, "x", newToken("five"))
	wantErr(t, "a token made by a guess", err, store.ErrNotFound)
}

func testAccountGrant(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := enrol(t, s, "mira")
	g := grant("laptop") // where a token is alive
	g.Scope = store.ScopeAccount
	ask(t, s, g)
	if err := s.DecideGrant(ctx, mira, g.UserCode, true, Noon); err != nil {
		t.Fatal(err)
	}
	p := poll(t, s, g, Noon)
	if p.State != store.GrantMinted || p.Token.Device != mira.Device || p.Token.Scope != store.ScopeAccount || !p.Token.ExpiresAt.Equal(Noon.Add(store.AccountLife)) {
		t.Errorf("minted %+v", p)
	}
	key := newToken("token laptop" + Noon.String()).Secret
	if who := must[store.Actor](t)(s.TokenActor(ctx, key, Noon)); who.Scope != store.ScopeAccount {
		t.Errorf("the token is %+v", who)
	}
	_, err := s.TokenActor(ctx, key, Noon.Add(store.AccountLife))
	wantErr(t, "ten minutes later", err, store.ErrNotFound)
}

func testDisown(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := enrol(t, s, "mira"), enrol(t, s, "adam")
	for _, consumed := range []bool{false, true} {
		g := grant("studio")
		if consumed {
			g = grant("attic")
		}
		ask(t, s, g)
		wantErr(t, "what was not approved", s.DisownGrant(ctx, mira, g.UserCode, Noon), store.ErrNotFound)
		if err := s.DecideGrant(ctx, mira, g.UserCode, true, Noon); err != nil {
			t.Fatal(err)
		}
		if consumed {
			poll(t, s, g, Noon)
			must[store.Actor](t)(s.TokenActor(ctx, newToken("token attic"+Noon.String()).Secret, Noon))
		}
		wantErr(t, "another's approval", s.DisownGrant(ctx, adam, g.UserCode, Noon), store.ErrNotFound)
		if err := s.DisownGrant(ctx, mira, g.UserCode, Noon); err != nil {
			t.Fatal(err)
		}
		if p := poll(t, s, g, Noon.Add(6*time.Second)); p.State != store.GrantDenied {
			t.Errorf("consumed %v: then a poll finds %+v", consumed, p)
		}
	}
	_, err := s.TokenActor(ctx, newToken("token attic"+Noon.String()).Secret, Noon)
	wantErr(t, "its token", err, store.ErrNotFound)
}
