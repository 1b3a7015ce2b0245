package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// untouched is a store whose boards nobody may ask for.
type untouched struct {
	store.Store
	t *testing.T
}

func (s untouched) Lines(context.Context, store.Board, *store.Mark, int) ([]store.Line, error) {
	s.t.Error("the store was asked for lines")
	return nil, store.ErrBusy
}

func (s untouched) Crowd(context.Context, store.Board) (store.Crowd, error) {
	s.t.Error("the store was asked for a sum")
	return store.Crowd{}, store.ErrBusy
}

// A thousand ways to ask past every cache cost the database nothing. Fails where unknown parameters are let through.
func TestRandomQueriesReachNoDatabase(t *testing.T) {
	b := newBench(t)
	b.s.Store = untouched{b.store, t}
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		query := fmt.Sprintf("?%s=%d", string([]byte{byte('a' + r.IntN(26)), byte('a' + r.IntN(26))}), r.Int())
		if r.IntN(2) == 0 {
			query += "&period=month"
		}
		if w := b.ask("GET", wire.PathLeaderboard+query, "", ""); w.Code != http.StatusBadRequest {
			t.Fatalf("%s: status %d", query, w.Code)
		}
	}
}

// Device codes are too many to guess, and guesses run into a limit. Fails without the limit of polls.
func TestGuessingDeviceCodes(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	for i := range DefaultLimits().DevicePoll.Burst {
		b.refused(b.poll(wire.DeviceCode{DeviceCode: auth.NewSecret()}), 400, wire.ErrInvalidGrant)
		if i > 150 {
			break
		}
	}
	if w := b.poll(wire.DeviceCode{DeviceCode: auth.NewSecret()}); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("one guess more: status %d", w.Code)
	}
}

// The server's clock decides what day it is: tomorrow does not count yet, a clock that jumps back forgets nothing that came, and
// uploads go on. Fails where the client's time is believed.
func TestClockGames(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Public), "studio")
	b.put(token, row("2026-11-23", "codex", 10, 0))
	b.want(http.StatusUnprocessableEntity, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-25", "codex", 10, 0))))
	b.wait(48 * time.Hour)
	b.put(token, row("2026-11-25", "codex", 20, 0))
	b.wait(-72 * time.Hour)
	if r := b.put(token, row("2026-11-22", "codex", 30, 0)); r.Total.Tokens != 60 {
		t.Errorf("total %+v", r.Total)
	}
	b.wait(time.Minute)
	b.want(http.StatusUnprocessableEntity, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-25", "codex", 40, 0))))
	b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard+"?period=all", "", ""))
}

// Texts that would do harm on a page, in a terminal or in a query never get as far as being stored, or come out harmless.
func TestHarmfulTexts(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	token, cookie := b.token(mira, "studio"), b.signIn(mira)
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `{{.}}`, `'; DROP TABLE users; --`, `' OR 1=1 --`, "\x1b[31mred", "a\u202eb",
		`=HYPERLINK("x")`, `../../etc/passwd`, "%00", "a\x00b", strings.Repeat("a", 5000), "\xff\xfe",
	} {
		in := row("2026-11-20", "codex", 1, 1)
		in.Model = text
		b.refusedUpload(token, in)
		in = row("2026-11-20", text, 1, 1)
		b.refusedUpload(token, in)
		for _, kind := range []string{"tokens", "ways", "sessions", "devices"} {
			if w := b.ask("POST", "/settings/"+kind+"/"+url.PathEscape(text)+"/revoke", cookie, ""); w.Code >= 500 {
				t.Errorf("%s of %q: status %d", kind, text, w.Code)
			}
		}
		for _, path := range []string{"/u/", wire.PathUsers} {
			if w := b.ask("GET", path+url.PathEscape(text), "", ""); w.Code < 300 || w.Code >= 500 || strings.Contains(w.Body.String(), "<script>") || strings.Contains(w.Body.String(), "onerror") {
				t.Errorf("%s%q: status %d", path, text, w.Code)
			}
		}
		for _, name := range []string{"period", "metric", "source", "cursor"} {
			w := b.ask("GET", "/?"+url.Values{name: {text}}.Encode(), "", "")
			if w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "alert(1)") {
				t.Errorf("%s of %q: status %d", name, text, w.Code)
			}
		}
		b.ask("POST", "/settings/devices/1/rename", cookie, form("name", text))
		if page := b.ask("GET", "/settings", cookie, "").Body.String(); strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || strings.Contains(page, "\x1b") {
			t.Errorf("the settings show %q as it is", text)
		}
	}
}

func (b *bench) refusedUpload(token string, in wire.Day) {
	b.t.Helper()
	if w := b.ask("POST", wire.PathUsage, token, b.body(wire.Max, in)); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		b.t.Errorf("source %q, model %q: status %d", in.Source, in.Model, w.Code)
	}
}
