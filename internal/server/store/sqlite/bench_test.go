package sqlite

import (
	"fmt"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// benchDays returns a year of days of 15 rows each, up to the suite's day.
func benchDays(days int) []usage.Day {
	var all []usage.Day
	for i := range days {
		date := storetest.Noon.AddDate(0, 0, -i).Format(time.DateOnly)
		for j := range 15 {
			all = append(all, usage.Day{Key: usage.Key{Date: date, Source: []string{"codex", "claude-code", "gemini-cli"}[j%3], Model: fmt.Sprint("model-", j), Tier: usage.Standard},
				Requests: 10, Tokens: usage.Tokens{Input: 1000, Output: 100}, Cost: 50, Priced: true})
		}
	}
	return all
}

func BenchmarkPutDays(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir()+"/x.db", noon)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	u, err := s.AddUser(b.Context(), "mira", storetest.Noon)
	if err != nil {
		b.Fatal(err)
	}
	t, err := s.AddToken(b.Context(), u.ID, "laptop", store.NewToken{ID: "00000000-0000-0000-0000-000000000000", Hint: "abcd", At: storetest.Noon})
	if err != nil {
		b.Fatal(err)
	}
	who, seq := store.Actor{User: u.ID, Device: t.Device}, int64(0)
	put := func(days []usage.Day) {
		seq++
		up := store.Upload{Seq: seq, Days: days, Book: "b", At: storetest.Noon, Judge: storetest.NoHolds}
		if _, err := s.PutDays(b.Context(), who, up); err != nil {
			b.Fatal(err)
		}
	}
	year := benchDays(333)
	start := time.Now()
	put(year)
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/first-sync")
	for b.Loop() {
		days := year[:30]
		for i := range days {
			days[i].Tokens.Input += 10
			days[i].Cost++
		}
		put(days)
	}
}

func BenchmarkBoards(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir()+"/x.db", noon)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.BenchmarkBoards(b, s)
}
