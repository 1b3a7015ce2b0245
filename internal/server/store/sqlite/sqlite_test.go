package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
)

var template = storetest.Template(func(file string) error {
	s, err := Open(context.Background(), file, noon)
	if err != nil {
		return err
	}
	return s.Close()
})

func openTest(t *testing.T) *Store {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state", "tokenflexd.db")
	template(t, file)
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openTest(t) })
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "tokenflexd.db")
	s, err := Open(t.Context(), file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.AddUser(t.Context(), "mira", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(file): 0o700, file: 0o600, file + "-wal": 0o600, file + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
}

// While somebody keeps the database, a write gives up in time and says so; reads go on.
func TestBusy(t *testing.T) {
	s := openTest(t)
	if _, err := s.AddUser(t.Context(), "mira", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	s.patience = time.Millisecond
	conn, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(t.Context(), "adam", storetest.Noon); !errors.Is(err, store.ErrBusy) {
		t.Errorf("error %v", err)
	}
	if _, err := s.UserByHandle(t.Context(), "mira"); err != nil {
		t.Error(err)
	}
	s.patience = time.Minute
	short := store.WithPatience(t.Context(), time.Millisecond)
	for range 2 { // the second does not wait anew
		if _, err := s.AddUser(short, "adam", storetest.Noon); !errors.Is(err, store.ErrBusy) {
			t.Errorf("error %v", err)
		}
	}
	if left := store.Patience(short, time.Minute); left >= time.Second {
		t.Errorf("%v of patience are left", left)
	}
	conn.Close()
	if _, err := s.AddUser(t.Context(), "adam", storetest.Noon); err != nil {
		t.Error(err)
	}
}

func noon() time.Time { return storetest.Noon }

// What belongs to nobody is kept until its end and no second longer: device codes a day after theirs, handles, challenges and quotas.
func TestWhatIsNobodysIsSwept(t *testing.T) {
	s, ctx, at := openTest(t), t.Context(), storetest.Noon
	g := store.Grant{DeviceCode: store.HashOf("d"), UserCode: store.HashOf("u"), Name: "x", Scope: "usage:write", Address: "a", Network: "n", At: at, Expires: at.Add(10 * time.Minute), Interval: 5 * time.Second}
	u, err := s.AddUser(ctx, "mira", at)
	quota := store.Quota{Key: store.HashOf("q"), Every: time.Hour, Burst: 2}
	_, err2 := s.Take(ctx, quota, 1, at)
	err = errors.Join(err, err2, s.AddGrant(ctx, g, store.GrantLimit{Address: 5, Network: 20}), s.Spend(ctx, store.HashOf("c"), at.Add(10*time.Minute), at),
		s.Erase(ctx, store.Actor{User: u.ID, Handle: "mira"}, "mira", at))
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []struct {
		table string
		at    time.Time
	}{{"spent", at.Add(10 * time.Minute)}, {"quotas", at.Add(time.Hour)}, {"device_grants", g.Expires.AddDate(0, 0, 1)}, {"held_handles", at.Add(store.HandleHold)}} {
		s.wantRows(t, end.table, end.at.Add(-time.Second), 1)
		s.wantRows(t, end.table, end.at, 0)
	}
}

// wantRows sweeps at a moment and counts what is left of a table.
func (s *Store) wantRows(t *testing.T, table string, when time.Time, want int) {
	t.Helper()
	_, err := s.Sweep(t.Context(), when, time.Time{})
	n := 0
	counted := s.anonymous(t.Context(), func(tx *sql.Tx) error {
		return tx.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
	})
	if err := errors.Join(err, counted); err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("at %s there are %d rows of %s, want %d", when, n, table, want)
	}
}
