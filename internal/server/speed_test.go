package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// BenchmarkUpload sends the last two days, fifteen rows each, of an account with a day's row for each of ninety days.
func BenchmarkUpload(b *testing.B) { benchmarkUpload(b, false) }

// BenchmarkUploadAndLines makes its lines each time too.
func BenchmarkUploadAndLines(b *testing.B) { benchmarkUpload(b, true) }

func benchmarkUpload(b *testing.B, lines bool) {
	be := newBench(b, func(o *Options) { o.Limits, o.Lines = DefaultLimits().Scale(1_000_000), o.Lines.Scale(1000) })
	token := be.token(be.account("mira", store.Public), "laptop")
	var old []wire.Day
	for i := range 90 {
		old = append(old, row(noon.AddDate(0, 0, -i).Format(time.DateOnly), "codex", 1000, 10))
	}
	be.put(token, old...)
	n := int64(0)
	for b.Loop() {
		n++
		var rows []wire.Day
		for i := range 30 {
			r := row(noon.AddDate(0, 0, -(i%2)).Format(time.DateOnly), []string{"codex", "claude-code", "gemini-cli"}[i%3], 10_000+n, 10)
			r.Model = fmt.Sprint([]string{"gpt-5", "gpt-5-mini", "claude-opus-4-5", "claude-sonnet-4-5", "gemini-2.5-pro"}[i/6])
			rows = append(rows, r)
		}
		be.want(http.StatusOK, be.ask("POST", wire.PathUsage, token, be.body(wire.Max, rows...)))
		if !lines {
			continue
		}
		if _, err := be.store.CatchUp(b.Context(), 1, noon.AddDate(1, 0, 0)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBoard reads a page of fifty accounts with ninety days each.
func BenchmarkBoard(b *testing.B) {
	be := newBench(b, func(o *Options) { o.Limits = DefaultLimits().Scale(1_000_000) })
	for i := range 60 {
		u := be.account(fmt.Sprint("user", i), store.Public)
		up := store.Upload{Seq: 1, Book: "b", At: be.now(), Judge: storetest.NoHolds, Families: map[string]string{"gpt-5": "gpt"}}
		for d := range 90 {
			up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: noon.AddDate(0, 0, -d).Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: int64(1000 + i)}, Cost: 1, Priced: true})
		}
		if _, err := be.store.PutDays(b.Context(), store.Actor{User: u.ID, Device: be.device(u)}, up); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := be.store.CatchUp(b.Context(), 60, noon.AddDate(1, 0, 0)); err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"JSON": wire.PathLeaderboard + "?period=all", "page": "/?period=all"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				be.want(http.StatusOK, be.ask("GET", path, "", ""))
			}
		})
	}
}
