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

// BenchmarkBoard reads a page of fifty accounts with ninety days each, of a short board, which is read anew, and of a long one.
func BenchmarkBoard(b *testing.B) {
	for name, long := range map[string]bool{"short": false, "long": true} {
		be := newBench(b, func(o *Options) {
			o.Limits = DefaultLimits().Scale(1_000_000)
			if long {
				o.Store = &crowded{Store: o.Store}
			}
		})
		be.fill(60)
		for what, path := range map[string]string{"JSON": wire.PathLeaderboard + "?period=all", "page": "/?period=all"} {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					be.want(http.StatusOK, be.ask("GET", path, "", ""))
				}
			})
		}
	}
}

// fill makes public accounts with a row for each of ninety days.
func (b *bench) fill(accounts int) {
	for i := range accounts {
		u := b.account(fmt.Sprint("user", i), store.Public)
		up := store.Upload{Seq: 1, Book: "b", At: b.now(), Judge: storetest.NoHolds, Families: map[string]string{"gpt-5": "gpt"}}
		for d := range 90 {
			up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: noon.AddDate(0, 0, -d).Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: int64(1000 + i)}, Cost: 1, Priced: true})
		}
		if _, err := b.store.PutDays(b.t.Context(), store.Actor{User: u.ID, Device: b.device(u)}, up); err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := b.store.CatchUp(b.t.Context(), accounts, b.now().Add(store.RestFor)); err != nil {
		b.t.Fatal(err)
	}
}

// BenchmarkAnswer answers the shortest request: what every request costs beside its route.
func BenchmarkAnswer(b *testing.B) {
	be := newBench(b)
	b.ReportAllocs()
	for b.Loop() {
		be.want(http.StatusOK, be.ask("GET", "/healthz", "", ""))
	}
}
