package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

func gzipped(t *testing.T, text io.Reader) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String()
}

func zstded(t *testing.T, text io.Reader) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String()
}

// zeros are n bytes that compress well.
func zeros(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestEncodings(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	next := func() string { return b.body(wire.Max, row("2026-11-20", "codex", 1000*b.seq+1, 5)) }
	for _, tt := range []struct {
		name, body, kind, encoding string
		status                     int
		code                       wire.Code
	}{
		{"plain", next(), "application/json", "", 200, ""},
		{"identity, with a charset", next(), "application/json; charset=utf-8", "identity", 200, ""},
		{"gzip", gzipped(t, strings.NewReader(next())), "application/json", "gzip", 200, ""},
		{"zstd", zstded(t, strings.NewReader(next())), "application/json", "zstd", 200, ""},
		{"a form", next(), formType, "", 415, wire.MediaType},
		{"no type", next(), "", "", 415, wire.MediaType},
		{"brotli", next(), "application/json", "br", 415, wire.MediaType},
		{"compressed twice", next(), "application/json", "gzip, gzip", 415, wire.MediaType},
		{"half a gzip", gzipped(t, strings.NewReader(next()))[:40], "application/json", "gzip", 400, wire.Malformed},
		{"no gzip", next(), "application/json", "gzip", 400, wire.Malformed},
		{"no zstd", next(), "application/json", "zstd", 400, wire.Malformed},
		{"more than a mebibyte", strings.Repeat(" ", wire.MaxBody+1), "application/json", "", 413, wire.TooLarge},
		{"a gzip that is more than 4 MiB", gzipped(t, io.MultiReader(rand4MiB(), zeros(1))), "application/json", "gzip", 413, wire.TooLarge},
		{"a gzip of 100 times its size", gzipped(t, zeros(1<<20)), "application/json", "gzip", 413, wire.TooLarge},
		{"a zstd of 100 times its size", zstded(t, zeros(1<<20)), "application/json", "zstd", 413, wire.TooLarge},
		{"5001 rows", tooManyRows(), "application/json", "", 413, wire.TooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := b.ask("POST", wire.PathUsage, token, tt.body, "Content-Type", tt.kind, "Content-Encoding", tt.encoding)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if tt.code != "" {
				if p := decode[wire.Problem](b, w); p.Code != tt.code || p.Type != "http://tokenflex.example/problems/"+string(tt.code) {
					t.Errorf("problem %+v, want %s", p, tt.code)
				}
			}
		})
	}
}

// rand4MiB does not compress below a hundredth.
func rand4MiB() io.Reader {
	text := make([]byte, wire.MaxBodyDecoded)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = ' '
		if i%64 == 0 {
			text[i] = byte('a' + r.IntN(26))
		}
	}
	return bytes.NewReader(text)
}

func tooManyRows() string {
	return `{"v":1,"seq":1,"rows":[` + strings.Repeat(`{},`, wire.MaxRows) + `{}]}`
}

// A gibibyte of blanks fits below the limit of the wire; it must cost neither memory nor time. Fails where the body is unpacked
// into memory before it is known how much it is: then 20 MiB are allocated, and without any bound a gibibyte.
func TestBomb(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	const mebibytes = 900 // each a member, or a frame, of its own, which both formats allow
	for encoding, bomb := range map[string]string{
		"gzip": strings.Repeat(gzipped(t, zeros(1<<20)), mebibytes), "zstd": strings.Repeat(zstded(t, zeros(1<<20)), mebibytes),
	} {
		if len(bomb) > wire.MaxBody {
			t.Fatalf("%s: the bomb has %d bytes", encoding, len(bomb))
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		w := b.ask("POST", wire.PathUsage, token, bomb, "Content-Encoding", encoding)
		runtime.ReadMemStats(&after)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: status %d: %s", encoding, w.Code, w.Body)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
			t.Errorf("%s: %d MiB were allocated", encoding, grown>>20)
		}
	}
}

func TestRefusedRowsAreNamed(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	bad := row("2026-11-20", "codex", -1, 5)
	bad.Reasoning = 6
	w := b.want(http.StatusUnprocessableEntity, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-20", "codex", 1, 5), bad, row("2026-11-25", "Codex", 1, 5))))
	var got []string
	for _, e := range decode[wire.Problem](b, w).Errors {
		got = append(got, e.Pointer+" "+e.Code)
	}
	want := []string{"/rows/1/input range", "/rows/1/reasoning range", "/rows/1 duplicate", "/rows/2/day range", "/rows/2/source pattern"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if me := decode[wire.Me](b, b.ask("GET", wire.PathMe, token, "")); me.DeviceTotal.Tokens != 0 {
		t.Errorf("the fine row of a refused upload was stored: %+v", me.DeviceTotal)
	}
}

func TestUploadsAreIdempotent(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	body := b.body(wire.Max, row("2026-11-20", "codex", 1000, 5))
	first := b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, body))
	again := b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, body))
	if again.Header().Get("Idempotent-Replayed") != "true" || first.Header().Get("Idempotent-Replayed") != "" {
		t.Error("only the second answer is a replay")
	}
	if diff := cmp.Diff(first.Body.String(), again.Body.String()); diff != "" {
		t.Errorf("the answer changed (-first +again):\n%s", diff)
	}
	packed := b.ask("POST", wire.PathUsage, token, gzipped(t, strings.NewReader(body)), "Content-Encoding", "gzip")
	if packed.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("the same upload, compressed: %d %s", packed.Code, packed.Body)
	}
	other := strings.Replace(body, "1000", "1001", 1)
	p := decode[wire.Problem](b, b.want(http.StatusConflict, b.ask("POST", wire.PathUsage, token, other)))
	if p.Code != wire.StaleSeq || p.LastSeq != b.seq {
		t.Errorf("another upload of the same number: %+v", p)
	}
	b.put(token, row("2026-11-21", "codex", 7, 5))
	p = decode[wire.Problem](b, b.want(http.StatusConflict, b.ask("POST", wire.PathUsage, token, body)))
	if p.LastSeq != b.seq {
		t.Errorf("an upload from before: %+v", p)
	}
}

func TestClockSkewIsTold(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	for _, tt := range []struct {
		off  time.Duration
		want int
	}{{0, 0}, {10 * time.Minute, 0}, {11 * time.Minute, 660}} {
		b.seq = noon.Add(tt.off).UnixMicro() - 1
		if got := b.put(token, row("2026-11-20", "codex", 1, 1)).ClockSkewS; got != tt.want {
			t.Errorf("%s off: skew %d, want %d", tt.off, got, tt.want)
		}
	}
}

// What a client says about money, and whose usage it says it is, goes nowhere.
func TestClaimsWithoutAFieldAreIgnored(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Public), b.account("adam", store.Public)
	token := b.token(mira, "studio")
	b.token(adam, "studio")
	want := int64(5_000_000 + 25*20_000)
	for i, extra := range []string{
		`"x":null`, `"cost_usd":1000000000`, `"cost_uusd":0`, `"cost":-1`, `"costUSD":"NaN"`, `"cost_usd":1.5e300`, `"price":{"input":0}`,
		`"user_id":2,"handle":"adam","device_id":2,"held":0`,
	} {
		body := fmt.Sprintf(`{"v":1,"seq":%d,"mode":"replace",%s,"rows":[{"day":"2026-11-20","source":"codex","model":"claude-opus-4-5",
			"input":1000000,"output":20000,"requests":20,%s}]}`, i+1, extra, extra)
		r := decode[wire.Receipt](b, b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, body, "X-GitHub-User", "adam", "X-User-Id", "2")))
		if r.Total.CostUUSD != want || r.Total.Tokens != 1_020_000 {
			t.Errorf("%s: %+v", extra, r.Total)
		}
	}
	board := b.ask("GET", wire.PathLeaderboard, "", "").Body.String()
	if strings.Contains(board, "adam") {
		t.Errorf("adam has usage: %s", board)
	}
}

// The board, the profile, the receipt and the sum of the days are one number, in tokens and in micro-dollars.
func TestOneTotalEverywhere(t *testing.T) {
	b := newBench(t)
	r := rand.New(rand.NewPCG(3, 4))
	models := []string{"claude-opus-4-5", "claude-sonnet-4-5", "gpt-5", "gemini-2.5-pro", "other"}
	bands := []int64{0, 200_000, 272_000}
	for _, handle := range []string{"mira", "adam", "zoe"} {
		u := b.account(handle, store.Public)
		var all []usage.Day
		var last wire.Receipt
		for _, device := range []string{"studio", "laptop"} {
			var rows []wire.Day
			for _, model := range models {
				for _, band := range bands {
					d := row(fmt.Sprintf("2026-11-%02d", 1+r.IntN(23)), []string{"codex", "claude-code"}[r.IntN(2)], r.Int64N(500_000), r.Int64N(9_000))
					d.Model, d.Band, d.CacheRead, d.CacheWrite5m, d.CacheWrite1h = model, band, r.Int64N(99_999), r.Int64N(77), r.Int64N(99)
					d.Requests, d.Reasoning = 1+(d.Input+d.CacheRead)/100_000, d.Output/2
					rows = append(rows, d)
				}
			}
			last = b.put(b.token(u, device), rows...)
			days, err := accept.Days(wire.Usage{V: 1, Seq: 1, Rows: rows}, noon)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, days...)
		}
		pricing.Embedded().Price(all)
		want := wireSum(figuresOf(all))
		if diff := cmp.Diff(want, last.Total); diff != "" {
			t.Errorf("%s: receipt (-want +got):\n%s", handle, diff)
		}
		profile := decode[wire.Profile](b, b.ask("GET", wire.PathUsers+handle, "", ""))
		if got := (wire.Sum{Tokens: profile.Totals.Tokens, CostUUSD: *profile.Totals.CostUUSD, UnpricedTokens: *profile.Totals.UnpricedTokens}); got != want {
			t.Errorf("%s: profile %+v, want %+v", handle, got, want)
		}
		for _, period := range []string{"all", "2026", "2026-11"} {
			board := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard+"?period="+period, "", ""))
			for _, line := range board.Items {
				if got := (wire.Sum{Tokens: line.Tokens, CostUUSD: *line.CostUUSD, UnpricedTokens: *line.UnpricedTokens}); line.Handle == handle && got != want {
					t.Errorf("%s: board of %s %+v, want %+v", handle, period, got, want)
				}
			}
		}
	}
	sums, whole := wire.Sum{}, wire.Leaderboard{}
	for _, source := range []string{"codex", "claude-code", ""} {
		board := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard+"?period=all&source="+source, "", ""))
		if source == "" {
			whole = board
			continue
		}
		sums.Tokens += board.Totals.Tokens
		sums.CostUUSD += *board.Totals.CostUUSD
	}
	if sums.Tokens != whole.Totals.Tokens || sums.CostUUSD != *whole.Totals.CostUUSD {
		t.Errorf("tools sum to %+v, the whole is %+v", sums, whole.Totals)
	}
}

// cached is a day of many tokens that cost little.
func cached(day, source string, tokens int64) wire.Day {
	d := row(day, source, 0, 0)
	d.CacheRead, d.Requests = tokens, 1+tokens/1_000_000
	return d
}

// What is over a review line is stored and shown to its owner alone; everywhere else it is as if it were not there.
func TestHeldDaysAreTheirOwnersAlone(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	token := b.token(mira, "studio")
	line := accept.DefaultLines().AnySourceDay.Review
	big := cached("2026-11-20", "new-tool", line+1)
	r := b.put(token, big, row("2026-11-20", "codex", 10, 0))
	want := []wire.Held{{Day: "2026-11-20", Source: "new-tool", Reason: "source-day", Line: line}}
	if diff := cmp.Diff(want, r.Held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if r.Total.Tokens != 10 || r.DeviceTotal.Tokens != line+11 {
		t.Errorf("total %+v, of the device %+v", r.Total, r.DeviceTotal)
	}
	me := decode[wire.Me](b, b.ask("GET", wire.PathMe, token, ""))
	if diff := cmp.Diff(want, me.Held); diff != "" || me.Total.Tokens != 10 {
		t.Errorf("me %+v", me)
	}
	for _, path := range []string{wire.PathLeaderboard, wire.PathUsers + "mira", wire.PathUsers + "mira/days", "/", "/u/mira"} {
		if text := b.want(http.StatusOK, b.ask("GET", path, "", "")).Body.String(); strings.Contains(text, "new-tool") || strings.Contains(text, strconv.FormatInt(line+1, 10)) {
			t.Errorf("%s shows the held day", path)
		}
	}
	cookie := b.signIn(mira)
	for _, path := range []string{"/settings", "/u/mira"} {
		if text := b.want(http.StatusOK, b.ask("GET", path, cookie, "")).Body.String(); !strings.Contains(text, "new-tool") {
			t.Errorf("%s does not show the owner the held day", path)
		}
	}
	if err := b.store.ReleaseHold(t.Context(), mira.ID, "2026-11-20", "new-tool", noon); err != nil {
		t.Fatal(err)
	}
	if got := decode[wire.Leaderboard](b, b.ask("GET", wire.PathLeaderboard, "", "")).Items[0].Tokens; got != line+11 {
		t.Errorf("released: %d on the board", got)
	}
}

// An upload that makes a day impossible together with what is there is refused with the rows that do it.
func TestImpossibleOverDevices(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	half := accept.DefaultLines().AnySourceDay.Impossible / 2
	b.put(b.token(mira, "a"), cached("2026-11-20", "codex", half))
	w := b.want(http.StatusUnprocessableEntity, b.ask("POST", wire.PathUsage, b.token(mira, "b"),
		b.body(wire.Max, row("2026-11-19", "codex", 1, 0), cached("2026-11-20", "codex", half+1))))
	p := decode[wire.Problem](b, w)
	if p.Code != wire.InvalidRows || len(p.Errors) != 1 || p.Errors[0].Pointer != "/rows/1" || p.Errors[0].Code != "impossible" {
		t.Errorf("problem %+v", p)
	}
}

func TestProblemsAreComplete(t *testing.T) {
	b := newBench(t)
	for code := range problems {
		w := b.ask("GET", "/problems/"+string(code), "", "")
		if w.Code != http.StatusOK {
			t.Errorf("%s has no page: %d", code, w.Code)
		}
	}
}
