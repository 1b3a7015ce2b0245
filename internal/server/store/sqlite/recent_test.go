package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// What is in memory of accounts is what the database has, after whatever happened to them, here or in another process. Fails where
// become does not drop them, where another process's commit does not, and where they are kept of a transaction that was given up.
func TestRecentAccountsAreAsStored(t *testing.T) {
	here := openTest(t)
	there, err := Open(t.Context(), here.file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var people []store.Actor
	device := func(user int64, name string) store.Actor {
		n := len(people)
		token, err := here.AddToken(t.Context(), user, name, store.NewToken{Secret: store.HashOf(fmt.Sprint(n)), ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n), Hint: "abcd", At: storetest.Noon})
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, store.Actor{User: user, Device: token.Device, Visibility: store.Public})
		return people[n]
	}
	for _, handle := range []string{"mira", "adam", "zoe"} {
		u, err := here.AddUser(t.Context(), handle, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		device(u.ID, "laptop")
	}
	refused, compared := errors.New("refused"), 0
	for step := 0; step < 300 || compared < 300; step++ {
		if step == 3000 {
			t.Fatalf("only %d accounts were compared", compared)
		}
		who, s := people[r.IntN(len(people))], here
		if r.IntN(8) == 0 {
			s = there
		}
		var err error
		switch r.IntN(12) {
		case 0:
			_, err = s.CatchUp(t.Context(), 1+r.IntN(3), storetest.Noon.AddDate(1, 0, 0))
		case 1:
			err = s.SetVisibility(t.Context(), who, store.Visibility(r.IntN(3)))
		case 2:
			err = s.RenameDevice(t.Context(), who, who.Device, fmt.Sprint("device", step))
		case 3:
			if step > 250 && compared >= 250 && len(people) < 5 { // an account of several devices is not kept
				device(who.User, fmt.Sprint("phone", step))
			}
		case 4:
			err = s.RollOn(t.Context(), storetest.Noon.Format(time.DateOnly))
		default:
			err = s.send(t, who, int64(step+1), r, refused)
		}
		if err != nil && !errors.Is(err, refused) {
			t.Fatalf("step %d: %v", step, err)
		}
		if s == here {
			compared += compareRecents(t, here)
		}
	}
}

// send uploads some rows of the last days, of which the judge refuses some.
func (s *Store) send(t *testing.T, who store.Actor, seq int64, r *rand.Rand, refused error) error {
	up := store.Upload{Seq: seq, Replace: r.IntN(4) == 0, Book: fmt.Sprint("b", r.IntN(2)), At: storetest.Noon.Add(time.Duration(seq) * time.Second), Parsers: map[string]int{"codex": r.IntN(2)}}
	for i := range 1 + r.IntN(3) {
		c := store.Cell{Day: storetest.Noon.AddDate(0, 0, -i).Format(time.DateOnly), Source: "codex"}
		for j := range 3 {
			if d := (usage.Day{Key: usage.Key{Date: c.Day, Source: c.Source, Model: fmt.Sprint("model-", j), Tier: usage.Standard}, Requests: 1,
				Tokens: usage.Tokens{Input: 100 * r.Int64N(9), Output: 10}, Cost: 5, Priced: j > 0}); r.IntN(3) > 0 {
				up.Days = append(up.Days, d)
			}
		}
		if !slices.ContainsFunc(up.Days, func(d usage.Day) bool { return d.Date == c.Day }) {
			up.Gone = append(up.Gone, c)
		}
	}
	up.Print = func(rows []usage.Day) store.Hash { return store.HashOf(fmt.Sprint(len(rows), rows)) }
	up.Judge = func(store.Review) ([]store.Hold, error) {
		if r.IntN(8) == 0 {
			return nil, refused
		}
		return nil, nil
	}
	_, err := s.PutDays(t.Context(), who, up)
	return err
}

// compareRecents reads what is in memory of accounts from the database, and returns of how many.
func compareRecents(t *testing.T, s *Store) int {
	t.Helper()
	type state struct {
		Rows         map[rowKey]storedRow
		Tallies      map[int64]store.Tally
		Earlier      []store.DayTotal
		Owed         debt
		Synced       time.Time
		Alone, Plain bool
	}
	n := 0
	err := s.anonymous(t.Context(), func(tx *sql.Tx) error {
		for user, is := range s.recents.of {
			n++
			named := []store.Cell{{Day: is.from}, {Day: shift(is.to, 1-store.RollingDays)}}
			u := upload{Upload: store.Upload{Seq: is.seq + 1, At: storetest.Noon, Gone: named}, store: s, who: store.Actor{User: user, Device: is.device}, tx: tx,
				rows: make(map[rowKey]storedRow), tallies: make(map[int64]store.Tally), before: make(map[int64]store.Tally)}
			if _, err := u.admit(t.Context()); err != nil {
				return fmt.Errorf("number %d is not the account's last: %w", is.seq, err)
			}
			for _, read := range []func(context.Context) error{u.readRows, u.readTally} {
				if err := read(t.Context()); err != nil {
					return err
				}
			}
			seen, err := u.account(t.Context(), is.from, is.to)
			if err != nil {
				return err
			}
			kept, stored := state{is.rows, is.tallies, is.earlier, is.owed, is.synced, true, true}, state{u.rows, u.tallies, seen.Before, u.owed, u.synced, u.alone, u.plain}
			if len(kept.Owed.days) == 0 && len(stored.Owed.days) == 0 {
				kept.Owed, stored.Owed = debt{}, debt{}
			}
			if !reflect.DeepEqual(kept, stored) {
				return fmt.Errorf("account %d:\nkept   %+v\nstored %+v", user, kept, stored)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
