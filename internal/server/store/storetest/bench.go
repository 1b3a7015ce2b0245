package storetest

import (
	"fmt"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// BenchmarkBoards reads a page of fifty accounts with ninety days each, what stands beside its lines, and the places of all.
func BenchmarkBoards(b *testing.B, s store.Store) {
	const accounts = 60
	b.Helper()
	for i := range accounts {
		if err := benchAccount(b, s, fmt.Sprint("user", i), int64(i)); err != nil {
			b.Fatal(err)
		}
	}
	for range accounts/store.FreshWithin + 1 {
		if _, err := s.CatchUp(b.Context(), store.FreshWithin, Noon.Add(store.RestFor)); err != nil {
			b.Fatal(err)
		}
	}
	all := store.Board{Period: store.Always.Name, Metric: store.ByTokens}
	p, err := s.Page(b.Context(), all, nil, 50, 0)
	if err != nil || len(p.Lines) != 50 {
		b.Fatal(len(p.Lines), err)
	}
	users := make([]int64, len(p.Lines))
	for i, l := range p.Lines {
		users[i] = l.User
	}
	month := store.Rolling(Noon)[1]
	for _, each := range []struct {
		name string
		read func() error
	}{
		{"page", func() error { _, err := s.Page(b.Context(), all, nil, 50, users[0]); return err }},
		{"models", func() error {
			_, err := s.Beside(b.Context(), all, users, store.BesideAsk{Models: store.Always})
			return err
		}},
		{"days", func() error {
			_, err := s.Beside(b.Context(), all, users, store.BesideAsk{Days: month})
			return err
		}},
		{"beside", func() error {
			_, err := s.Beside(b.Context(), all, users, store.BesideAsk{Models: store.Always, Days: month, Before: "2025"})
			return err
		}},
		{"marks", func() error { _, err := s.Marks(b.Context(), all, accounts); return err }},
	} {
		b.Run(each.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := each.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// benchAccount makes a public account with a row for each of ninety days.
func benchAccount(b *testing.B, s store.Store, handle string, more int64) error {
	u, err := s.AddUser(b.Context(), handle, Noon)
	if err != nil {
		return err
	}
	if _, err := s.AddToken(b.Context(), u.ID, "laptop", newToken(handle)); err != nil {
		return err
	}
	who, err := s.TokenActor(b.Context(), store.HashOf(handle), Noon)
	if err != nil {
		return err
	}
	if err := s.SetVisibility(b.Context(), who, store.Public); err != nil {
		return err
	}
	var days []usage.Day
	for i := range 90 {
		days = append(days, day(Noon.AddDate(0, 0, -i).Format(time.DateOnly), "codex", "gpt-5", 1000+more, 10))
	}
	_, err = s.PutDays(b.Context(), who, upload(1, days...))
	return err
}
