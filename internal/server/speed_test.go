package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// BenchmarkUpload sends the last two days, fifteen rows each, of an account with a day's row for each of ninety days.
func BenchmarkUpload(b *testing.B) { benchmarkUpload(b, false) }

// BenchmarkUploadAndLines makes its lines each time too.
func BenchmarkUploadAndLines(b *testing.B) { benchmarkUpload(b, true) }

func benchmarkUpload(b *testing.B, lines bool) {
	be := newBench(b, func(o *Options) { o.Limits = DefaultLimits().Scale(1_000_000) })
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
		if _, err := be.store.CatchUp(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
	}
}
