package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Whoever makes lines passes over an account that somebody is at work on, and does the next. Fails if it only looks at the one that has
// waited longest: two servers then do no more than one.
func TestCatchingUpFindsOthers(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	for i := range 3 {
		u, err := s.AddUser(t.Context(), fmt.Sprint("u", i), noon())
		if err != nil {
			t.Fatal(err)
		}
		secret := store.HashOf(u.Handle)
		if _, err := s.AddToken(t.Context(), u.ID, "laptop", store.NewToken{Secret: secret, ID: fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", i), Hint: "abcd", Scope: "usage:write", At: noon()}); err != nil {
			t.Fatal(err)
		}
		who, err := s.TokenActor(t.Context(), secret, noon())
		if err != nil {
			t.Fatal(err)
		}
		up := store.Upload{Seq: 1, Book: "2026-11-01", At: noon().Add(time.Duration(i) * time.Second), Families: map[string]string{"gpt-5": "gpt"},
			Judge: func(store.Review) ([]store.Hold, error) { return nil, nil },
			Days: []usage.Day{{Key: usage.Key{Date: noon().Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: 5}}}}
		if _, err := s.PutDays(t.Context(), who, up); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), cluster.DSN("postgres", name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(background)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(background)
	if _, err := tx.Exec(t.Context(), "SELECT FROM tf.users WHERE handle = 'u0' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	later := noon().Add(time.Minute)
	for i, want := range []int{1, 1, 0} {
		if n, err := s.CatchUp(t.Context(), 1, later); err != nil || n != want {
			t.Errorf("call %d did %d accounts, want %d: %v", i, n, want, err)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.CatchUp(t.Context(), 9, later); err != nil || n != 1 {
		t.Errorf("%d accounts are left, want 1: %v", n, err)
	}
}
