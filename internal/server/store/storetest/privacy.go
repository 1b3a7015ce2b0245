package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
)

// exported counts the rows of each table in an account's export, and returns its text.
func exported(t *testing.T, s store.Store, who store.Actor) (map[string]int, string) {
	t.Helper()
	rows := make(map[string]int)
	var text strings.Builder
	err := s.Export(t.Context(), who, func(table string, row json.RawMessage) error {
		if !json.Valid(row) {
			t.Errorf("%s: not JSON: %s", table, row)
		}
		rows[table]++
		text.Write(row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, text.String()
}

// settle makes an account with a row in as many tables as there are ways to.
func settle(t *testing.T, s store.Store, handle string) store.Actor {
	t.Helper()
	who := enrol(t, s, handle)
	share(t, s, who, store.Public)
	put(t, s, who, judgedBy(above(1000), upload(1, day("2026-11-23", "codex", "gpt-5", 10, 1), day("2026-11-22", "codex", "gpt-5", 2000, 1))))
	if err := s.AddInvite(t.Context(), who.User, store.HashOf(handle+"/link"), Noon, Noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return who
}

func testExport(t *testing.T, s store.Store) {
	mira, adam := settle(t, s, "mira"), settle(t, s, "adam")
	reprice(t, s, "2027-01-01", 5, 10)
	rows, text := exported(t, s, mira)
	for table, n := range map[string]int{"users": 1, "devices": 1, "tokens": 1, "invites": 1, "usage_day": 2, "holds": 1, "user_day": 1, "repriced_users": 1, "audit": 2} {
		if rows[table] < n {
			t.Errorf("%d rows of %s, want %d: %v", rows[table], table, n, rows)
		}
	}
	if rows["usage_day"] != 2 || strings.Contains(text, "adam") {
		t.Errorf("somebody else's rows: %v %s", rows, text)
	}
	// Both engines write the same: fails where one has numbers for what is true or false, or columns of its own indexes.
	for _, has := range []string{`"held":true`, `"held":false`, `"priced":true`, `"timely":true`} {
		if !strings.Contains(strings.ReplaceAll(text, ": ", ":"), has) {
			t.Errorf("no %s in %s", has, text)
		}
	}
	if strings.Contains(text, "pending") {
		t.Errorf("a column of an index in %s", text)
	}
	for _, secret := range []store.Hash{mira.Key, store.HashOf("mira/link")} {
		if strings.Contains(text, fmt.Sprintf("%x", secret[:])) {
			t.Error("the hash of a secret is in the export")
		}
	}
	forged := adam
	forged.User = mira.User
	forged.Key = store.HashOf("no such token")
	if err := s.Export(t.Context(), store.Actor{}, func(string, json.RawMessage) error { return nil }); err == nil {
		t.Error("nobody's export")
	}
}

func testErase(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira, adam := settle(t, s, "mira"), settle(t, s, "adam")
	wantErr(t, "another's handle", s.Erase(ctx, mira, "adam", Noon), store.ErrNotFound)
	wantErr(t, "nobody", s.Erase(ctx, store.Actor{}, "mira", Noon), store.ErrNotFound)
	if err := s.Erase(ctx, mira, "mira", Noon); err != nil {
		t.Fatal(err)
	}
	_, err := s.TokenActor(ctx, mira.Key, Noon)
	wantErr(t, "the token lives on", err, store.ErrNotFound)
	_, err = s.Invite(ctx, store.HashOf("mira/link"), Noon)
	wantErr(t, "the link lives on", err, store.ErrSpent)
	_, err = s.PublicUser(ctx, "mira")
	wantErr(t, "the profile lives on", err, store.ErrNotFound)
	if got := lines(t, s, store.Board{Period: "all", Metric: store.ByTokens}, nil, 9); len(got) != 1 || got[0] != "adam 11" {
		t.Errorf("board: %v", got)
	}
	_, err = s.AddUser(ctx, "mira", Noon.Add(time.Hour))
	wantErr(t, "somebody else takes the handle", err, store.ErrTaken)
	if rows, _ := exported(t, s, adam); rows["usage_day"] != 2 {
		t.Errorf("adam's rows: %v", rows)
	}
	journal := must[[]store.Erasure](t)(s.Erasures(ctx))
	if len(journal) != 1 || !journal[0].At.Equal(Noon) {
		t.Errorf("journal: %+v", journal)
	}
	must[store.User](t)(s.AddUser(ctx, "mira", Noon.Add(store.HandleHold+time.Hour)))
	// Nobody who is here now is in the journal.
	if n := must[int](t)(s.ReplayErasures(ctx, journal)); n != 0 {
		t.Errorf("%d erased again", n)
	}
	if diff := cmp.Diff(journal, must[[]store.Erasure](t)(s.Erasures(ctx))); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func testSweep(t *testing.T, s store.Store) {
	ctx := t.Context()
	mira := settle(t, s, "mira")
	if err := s.RevokeToken(ctx, mira, mira.TokenID, Noon); err != nil {
		t.Fatal(err)
	}
	adam := enrol(t, s, "adam")
	for _, tt := range []struct {
		after  time.Duration
		unused time.Time
		gone   int
		left   map[string]int
	}{
		{time.Minute, time.Time{}, 0, map[string]int{"tokens": 1, "invites": 1}},
		{2 * time.Hour, time.Time{}, 0, map[string]int{"tokens": 1, "invites": 0}},
		{91 * 24 * time.Hour, time.Time{}, 0, map[string]int{"tokens": 0, "usage_day": 2}},
		{91 * 24 * time.Hour, Noon.Add(-time.Hour), 0, map[string]int{"usage_day": 2}},
		{800 * 24 * time.Hour, Noon.AddDate(0, 0, 1), 2, nil},
	} {
		if n := must[int](t)(s.Sweep(ctx, Noon.Add(tt.after), tt.unused)); n != tt.gone {
			t.Errorf("after %v: %d accounts erased, want %d", tt.after, n, tt.gone)
		}
		if tt.left == nil {
			continue
		}
		u := must[store.User](t)(s.UserByHandle(ctx, "mira"))
		rows, _ := exported(t, s, store.Actor{User: u.ID})
		for table, n := range tt.left {
			if rows[table] != n {
				t.Errorf("after %v: %d rows of %s, want %d", tt.after, rows[table], table, n)
			}
		}
	}
	_, err := s.TokenActor(ctx, adam.Key, Noon)
	wantErr(t, "an unused account", err, store.ErrNotFound)
}

// testUnused holds each sign of life apart: one of them after the moment keeps an account, and one that is banned is kept as it is.
// Each condition of Sweep was taken out once.
func testUnused(t *testing.T, s store.Store) {
	ctx := t.Context()
	since := Noon.AddDate(0, 0, 100)
	later, swept := since.AddDate(0, 0, 50), since.AddDate(0, 0, 200)
	add := func(handle string, at time.Time) store.User { return must[store.User](t)(s.AddUser(ctx, handle, at)) }
	token := func(u store.User) store.Actor {
		must[store.Token](t)(s.AddToken(ctx, u.ID, "laptop", newToken(u.Handle)))
		return store.Actor{User: u.ID, Handle: u.Handle, Key: store.HashOf(u.Handle)}
	}
	add("idle", Noon)
	add("made", since.Add(time.Second))
	add("made-then", since)

	open := session("session", later)
	open.Expires, open.Idle = swept.AddDate(1, 0, 0), 1000*24*time.Hour
	link := store.HashOf("link")
	if err := s.AddInvite(ctx, add("signed-in", Noon).ID, link, later, later.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	must[store.User](t)(s.SignIn(ctx, link, open))

	used := token(add("token", Noon))
	must[store.Actor](t)(s.TokenActor(ctx, used.Key, later))

	sent := token(add("sent", Noon))
	sent = must[store.Actor](t)(s.TokenActor(ctx, sent.Key, Noon))
	up := upload(1, day("2027-03-01", "codex", "gpt-5", 10, 1))
	up.At = later
	put(t, s, sent, up)
	if err := s.RevokeToken(ctx, sent, sent.TokenID, later); err != nil { // it goes, and the device's last upload is what is left
		t.Fatal(err)
	}

	if err := s.Suspend(ctx, add("banned", Noon).ID, true, Noon); err != nil {
		t.Fatal(err)
	}
	if n := must[int](t)(s.Sweep(ctx, swept, since)); n != 2 {
		t.Errorf("%d accounts erased, want 2", n)
	}
	for handle, kept := range map[string]bool{"idle": false, "made-then": false, "made": true, "signed-in": true, "token": true, "sent": true, "banned": true} {
		if _, err := s.UserByHandle(ctx, handle); (err == nil) != kept {
			t.Errorf("%s is kept: %v", handle, err)
		}
	}
}

// testKeptUntil holds what ends to the second: sessions by either of their ends, links, and tokens for 90 days after theirs.
func testKeptUntil(t *testing.T, s store.Store) {
	ctx := t.Context()
	u := must[store.User](t)(s.AddUser(ctx, "mira", Noon))
	days := func(n int) time.Time { return Noon.AddDate(0, 0, n) }
	for i, ends := range []struct{ expires, idle int }{{30, 1000}, {1000, 14}} {
		link, n := store.HashOf(fmt.Sprint("link", i)), session(fmt.Sprint("session", i), Noon)
		if err := s.AddInvite(ctx, u.ID, link, Noon, days(7)); err != nil {
			t.Fatal(err)
		}
		n.Expires, n.Idle = days(ends.expires), time.Duration(ends.idle)*24*time.Hour
		must[store.User](t)(s.SignIn(ctx, link, n))
	}
	ending, revoked := newToken("ending"), newToken("revoked")
	ending.Expires = days(5)
	must[store.Token](t)(s.AddToken(ctx, u.ID, "laptop", ending))
	must[store.Token](t)(s.AddToken(ctx, u.ID, "laptop", revoked))
	who := must[store.Actor](t)(s.TokenActor(ctx, revoked.Secret, Noon))
	if err := s.RevokeToken(ctx, who, revoked.ID, days(10)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at                        time.Time
		invites, sessions, tokens int
	}{
		{days(7).Add(-time.Second), 2, 2, 2}, {days(7), 0, 2, 2}, {days(14).Add(-time.Second), 0, 2, 2}, {days(14), 0, 1, 2},
		{days(30).Add(-time.Second), 0, 1, 2}, {days(30), 0, 0, 2}, {days(95).Add(-time.Second), 0, 0, 2}, {days(95), 0, 0, 1},
		{days(100).Add(-time.Second), 0, 0, 1}, {days(100), 0, 0, 0},
	} {
		must[int](t)(s.Sweep(ctx, tt.at, time.Time{}))
		rows := owned(t, s, u.ID)
		if rows["invites"] != tt.invites || rows["sessions"] != tt.sessions || rows["tokens"] != tt.tokens {
			t.Errorf("at %s there are %d links, %d sessions and %d tokens, want %d, %d and %d", tt.at, rows["invites"], rows["sessions"], rows["tokens"], tt.invites, tt.sessions, tt.tokens)
		}
	}
}

func owned(t *testing.T, s store.Store, user int64) map[string]int {
	t.Helper()
	rows, _ := exported(t, s, store.Actor{User: user})
	return rows
}
