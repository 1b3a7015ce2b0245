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

	"github.com/google/go-cmp/cmp"
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
	up.Print = printInOrder
	if c := (store.Cell{Day: up.At.Format(time.DateOnly), Source: "codex"}); r.IntN(4) == 0 && up.Cells()[c] {
		up.Sketches = map[store.Cell]store.Sketch{c: {0, 0, 0, 0, 0, byte(1 + r.IntN(2))}}
	}
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
		Within       store.Tally
		Prints       map[printed]bool
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
			u.Print = nil // nobody is looked for
			seen, err := u.account(t.Context(), is.from, is.to)
			if err != nil {
				return err
			}
			prints, err := u.printsOf(t.Context(), is.from, is.to)
			if err != nil {
				return err
			}
			rows := make(map[rowKey]storedRow)
			for i, r := range is.rows {
				rows[rowKey{r.Device, r.Key}] = storedRow{r, is.books[i]}
			}
			if !slices.IsSortedFunc(is.rows, func(a, b store.Row) int { return compareRows(&a, &b) }) {
				return fmt.Errorf("account %d: rows in no order: %+v", user, is.rows)
			}
			kept := state{rows, is.within, setOf(is.prints), map[int64]store.Tally{wholeAccount: is.whole}, is.earlier, is.owed, is.synced, true, true}
			stored := state{u.rows, u.within(wholeAccount), setOf(prints), u.tallies, seen.Before, u.owed, u.synced, u.alone, u.plain}
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

func setOf(prints []printed) map[printed]bool {
	all := make(map[printed]bool)
	for _, p := range prints {
		all[p] = true
	}
	return all
}

// printInOrder is a print that does not depend on the order in which rows are told.
func printInOrder(rows []usage.Day) store.Hash {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r.Model, r.Tokens))
	}
	slices.Sort(all)
	return store.HashOf(fmt.Sprint(all))
}

// What is worked out before an upload's turn is what would be worked out in it: of two stores that take the same uploads, one of which remembers
// nobody, each answers the same and holds the same. Fails where one of the two leaves something out.
func TestUploadsAreTheSameBeforeAndInTheirTurn(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var stores [2]*Store
	var people []store.Actor
	for i := range stores {
		s := openTest(t)
		stores[i], people = s, nil
		for n, handle := range []string{"mira", "adam", "zoe"} {
			u, err := s.AddUser(t.Context(), handle, storetest.Noon)
			if err != nil {
				t.Fatal(err)
			}
			token, err := s.AddToken(t.Context(), u.ID, "laptop", store.NewToken{Secret: store.HashOf(handle), ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n), Hint: "abcd", At: storetest.Noon})
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, store.Actor{User: u.ID, Device: token.Device, Visibility: store.Visibility(n)})
		}
	}
	refused, before := errors.New("refused"), 0
	for step := 0; step < 400 || before < 100; step++ {
		if step == 3000 {
			t.Fatalf("only %d uploads were worked out before their turn", before)
		}
		who := people[r.IntN(len(people))]
		up := store.Upload{Seq: int64(step + 1), SyncID: fmt.Sprint(step), Replace: r.IntN(20) == 0, Book: fmt.Sprint("b", r.IntN(8)/7), Client: fmt.Sprint("1.", r.IntN(2)),
			At: storetest.Noon.Add(time.Duration(step) * time.Minute), Parsers: map[string]int{"codex": r.IntN(12) / 11}, Print: printInOrder, Families: map[string]string{"model-1": "one"}}
		if r.IntN(9) == 0 {
			up.Print = nil
		}
		for i := range 2 + r.IntN(9)/8 {
			for j := range 3 {
				if r.IntN(30) == 0 {
					continue
				}
				up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: up.At.AddDate(0, 0, -i).Format(time.DateOnly), Source: []string{"codex", "gemini-cli"}[j%2], Model: fmt.Sprint("model-", j), Tier: usage.Standard},
					Requests: 1, Tokens: usage.Tokens{Input: int64(r.IntN(2) * step), CacheWrite1h: r.Int64N(10) / 9, Output: 10, Reasoning: r.Int64N(9) / 8}, Cost: usage.Money(5 + r.Int64N(2)), Priced: j > 0})
			}
		}
		for i := range up.Days {
			if c := (store.Cell{Day: up.Days[i].Date, Source: up.Days[i].Source}); r.IntN(12) == 0 {
				up.Sketches = map[store.Cell]store.Sketch{c: {0, 0, 0, 0, 0, byte(1 + r.IntN(2))}}
			}
		}
		if len(up.Days) == 0 {
			continue
		}
		verdict, held := error(nil), []store.Hold(nil)
		switch r.IntN(30) {
		case 0:
			verdict = refused
		case 1:
			if before < 100 { // an account of which days have waited is worked out in its turn
				break
			}
			held = []store.Hold{{Day: up.Days[0].Date, Source: up.Days[0].Source, Reason: "test"}}
		}
		up.Judge = func(seen store.Review) ([]store.Hold, error) {
			if len(seen.Shared) > 0 {
				return []store.Hold{{Day: seen.Shared[0].Day, Source: seen.Shared[0].Source, Reason: "shared"}}, nil
			}
			return held, verdict
		}
		settles := r.IntN(10) == 0
		var receipts [2]store.Receipt
		for i, s := range stores {
			if i == 1 {
				s.recents.clear()
			} else if s.prepare(who, &up) != nil {
				before++
			}
			var err error
			if receipts[i], err = s.PutDays(t.Context(), who, up); !errors.Is(err, verdict) {
				t.Fatalf("step %d: %v", step, err)
			}
			if settles {
				if _, err := s.CatchUp(t.Context(), 1, allRested); err != nil {
					t.Fatal(err)
				}
			}
			if held != nil {
				if err := s.ReleaseHold(t.Context(), who.User, held[0].Day, held[0].Source, up.At); err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Fatal(err)
				}
				who = people[who.User-1]
			}
		}
		if diff := cmp.Diff(receipts[0], receipts[1]); diff != "" {
			t.Fatalf("step %d: receipts (-before +in its turn):\n%s", step, diff)
		}
		if step%10 == 0 {
			if diff := cmp.Diff(uploaded(t, stores[0]), uploaded(t, stores[1])); diff != "" {
				t.Fatalf("step %d (-before +in its turn):\n%s", step, diff)
			}
		}
	}
}

// uploaded is all that uploads write.
func uploaded(t *testing.T, s *Store) (all []string) {
	t.Helper()
	err := s.anonymous(t.Context(), func(tx *sql.Tx) error {
		for _, table := range []string{"usage_day", "prints", "tallies", "due", "holds", "copies", "user_day", "models",
			"(SELECT id, last_seq, last_body, last_receipt, synced_at, client, os FROM devices)"} {
			rows, err := tx.QueryContext(t.Context(), "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			lines, err := collect(rows, nil, func(r *sql.Rows, line *string) error {
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				err := r.Scan(values...)
				*line = table
				for _, v := range values {
					*line += fmt.Sprintf(" %v", *v.(*any))
				}
				return err
			})
			if err != nil {
				return err
			}
			slices.Sort(lines)
			all = append(all, lines...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
