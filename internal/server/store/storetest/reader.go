package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"tokenflex.ing/internal/server/store"
)

// fresh is the store with boards that hold everything, as far as a reader waits for that.
func fresh(t *testing.T, s store.Store) store.Store {
	t.Helper()
	if err := s.Fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func page(t *testing.T, s store.Store, b store.Board, after *store.Mark, limit int) []store.Line {
	t.Helper()
	return must[store.Page](t)(fresh(t, s).Page(t.Context(), b, after, limit, 0)).Lines
}

// beside returns the shares of some users on a board, by model and by day, of the days between two dates.
func beside(t *testing.T, s store.Store, b store.Board, users []int64, from, to string) (byModel, byDay []store.Share) {
	t.Helper()
	b.Metric = store.ByTokens
	days := store.Period{Name: "days", From: from, To: to}
	got := must[store.Beside](t)(fresh(t, s).Beside(t.Context(), b, users, store.BesideAsk{Models: days, Days: days}))
	dates := slices.Sorted(maps.Keys(days.Dates()))
	for _, user := range slices.Sorted(maps.Keys(got.Days)) {
		for i, tokens := range got.Days[user] {
			if tokens > 0 {
				byDay = append(byDay, store.Share{User: user, Of: dates[i], Tokens: tokens})
			}
		}
	}
	return got.Models, byDay
}

func lines(t *testing.T, s store.Store, b store.Board, after *store.Mark, limit int) []string {
	t.Helper()
	var got []string
	for _, l := range page(t, s, b, after, limit) {
		got = append(got, fmt.Sprintf("%s %d", l.Handle, l.Value))
	}
	return got
}
