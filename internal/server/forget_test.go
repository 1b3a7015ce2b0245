package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// A device takes back what it sent itself, and nothing of others; a request from before cannot bring it back.
func TestForgettingDays(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Public), b.account("adam", store.Public)
	token, phone, adams := b.token(mira, "studio"), b.token(mira, "phone"), b.token(adam, "studio")
	before := b.body(wire.Max, row("2026-11-20", "codex", 9999, 0))
	for _, as := range []string{token, phone, adams} {
		b.put(as, row("2026-11-20", "codex", 10, 0), row("2026-11-20", "amp", 20, 0), row("2026-11-21", "codex", 40, 0))
	}
	forget := func(query string, rows int, left, total int64) {
		t.Helper()
		f := decode[wire.Forgotten](b, b.want(http.StatusOK, b.ask("DELETE", wire.PathMyDays+query, token, "")))
		if f.Rows != rows || f.DeviceTotal.Tokens != left || f.Total.Tokens != total {
			t.Errorf("%s: %+v", query, f)
		}
	}
	forget("?from=2026-11-20&to=2026-11-20&source=codex", 1, 60, 130)
	forget("?from=2026-11-20&to=2026-11-20&source=codex", 0, 60, 130)
	b.want(http.StatusConflict, b.ask("POST", wire.PathUsage, token, before))
	forget("?from=2020-01-01&to=2026-11-30", 2, 0, 70)
	if me := decode[wire.Me](b, b.ask("GET", wire.PathMe, adams, "")); me.Total.Tokens != 70 {
		t.Errorf("adam has %d", me.Total.Tokens)
	}
	for _, bad := range []string{"", "?from=2026-11-20", "?from=x&to=2026-11-20", "?from=2026-11-20&to=2026-11-19", "?from=2026-11-20&to=2026-11-20&source=A"} {
		b.want(http.StatusBadRequest, b.ask("DELETE", wire.PathMyDays+bad, token, ""))
	}
	b.want(http.StatusUnauthorized, b.ask("DELETE", wire.PathMyDays+"?from=2026-11-20&to=2026-11-20", b.signIn(mira), ""))
}

// With a token for the account its owner takes back what any device of theirs has sent, and nothing of another's. A device's own token
// can do that to no other device. Fails where the scope is not asked for, or where the number is not looked up in the account.
func TestForgettingAnotherDevicesDays(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Public), b.account("adam", store.Public)
	token, adams := b.token(mira, "studio"), b.token(adam, "studio")
	for _, as := range []string{token, adams} {
		b.put(as, row("2026-11-20", "codex", 10, 0))
	}
	secret := auth.NewToken()
	n := NewToken(secret, b.now())
	n.Scope, n.Expires = wire.ScopeAccount, b.now().Add(10*time.Minute)
	if _, err := b.store.AddToken(t.Context(), mira.ID, "browser", n); err != nil {
		t.Fatal(err)
	}
	of := func(token string) string {
		me := decode[wire.Me](b, b.ask("GET", wire.PathMe, token, ""))
		return fmt.Sprintf("%s?from=2026-11-20&to=2026-11-20&device=%d", wire.PathMyDays, me.Device.ID)
	}
	for _, tt := range []struct {
		name, path, as string
		status         int
	}{
		{"a device its own by number", of(token), token, 403},
		{"a device another's", of(adams), token, 403},
		{"the owner another's", of(adams), secret, 404},
		{"no device", wire.PathMyDays + "?from=2026-11-20&to=2026-11-20&device=x", secret, 404},
		{"the owner", of(token), secret, 200},
	} {
		if w := b.ask("DELETE", tt.path, tt.as, ""); w.Code != tt.status {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
	}
	for as, left := range map[string]int64{token: 0, adams: 10} {
		if me := decode[wire.Me](b, b.ask("GET", wire.PathMe, as, "")); me.Total.Tokens != left {
			t.Errorf("%s has %d tokens left, want %d", me.Handle, me.Total.Tokens, left)
		}
	}
}

// A replacing upload whose rows of a day are empty says that nothing was used: the day is gone. In the other mode it says nothing.
func TestTombstones(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	b.put(token, row("2026-11-20", "codex", 10, 0), row("2026-11-21", "codex", 20, 0))
	empty := wire.Day{Day: "2026-11-20", Source: "codex", Model: "other"}
	for _, tt := range []struct {
		mode wire.Mode
		want wire.Receipt
	}{
		{wire.Max, wire.Receipt{Unchanged: 1, DeviceTotal: wire.Sum{Tokens: 30}}},
		{wire.Replace, wire.Receipt{Written: 1, DeviceTotal: wire.Sum{Tokens: 20}}},
		{wire.Replace, wire.Receipt{DeviceTotal: wire.Sum{Tokens: 20}}},
	} {
		r := decode[wire.Receipt](b, b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, b.body(tt.mode, empty))))
		if r.Written != tt.want.Written || r.Unchanged != tt.want.Unchanged || r.DeviceTotal.Tokens != tt.want.DeviceTotal.Tokens {
			t.Errorf("%s: %+v", tt.mode, r)
		}
	}
	if me := decode[wire.Me](b, b.ask("GET", wire.PathMe, token, "")); me.DeviceDays != 1 {
		t.Errorf("%d days are left", me.DeviceDays)
	}
}

// A history copied to a second device counts once through the API, and its owner is told so.
func TestCopiedHistory(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	var rows []wire.Day
	for _, day := range []string{"2026-11-15", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"} {
		rows = append(rows, row(day, "codex", 1000+int64(len(rows)), 50))
	}
	want := b.put(b.token(mira, "studio"), rows...).Total
	r := b.put(b.token(mira, "copy"), rows...)
	if r.Total != want || len(r.Held) != 5 || r.Held[0].Reason != store.ReasonCopy || r.DeviceTotal != want {
		t.Errorf("receipt %+v, want a total of %+v", r, want)
	}
	// As somebody else's, all of it waits.
	r = b.put(b.token(b.account("eve", store.Public), "laptop"), rows...)
	if len(r.Held) != 5 || r.Held[0].Reason != "shared" || r.Total.Tokens != 0 {
		t.Errorf("eve's receipt %+v", r)
	}
}
