package sqlite

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// What another process has taken in is compared with as well, and so is what was taken in before a crash, and what an upload that was
// refused would have replaced. Fails where prints that are not in the index are read once and never again, or not taken back.
func TestPrintsOfAnotherProcessAreCompared(t *testing.T) {
	here := openTest(t)
	open := func() *Store {
		s, err := Open(t.Context(), here.file, noon)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	there := open()
	var accounts []store.Actor
	for i, handle := range []string{"mira", "adam", "zoe"} {
		u, err := here.AddUser(t.Context(), handle, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		token, err := here.AddToken(t.Context(), u.ID, "laptop", store.NewToken{Secret: store.HashOf(handle), ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", i), Hint: "abcd", At: storetest.Noon})
		if err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, store.Actor{User: u.ID, Device: token.Device})
	}
	seq := int64(0)
	refused := errors.New("refused")
	send := func(s *Store, who store.Actor, tokens int64, verdict error) (shared int) {
		seq++
		up := store.Upload{Seq: seq, Book: "b", At: storetest.Noon.Add(time.Duration(seq) * time.Second)}
		for i := range store.MinShared {
			up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: storetest.Noon.AddDate(0, 0, -i).Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: tokens}, Priced: true})
		}
		up.Print = func(rows []usage.Day) store.Hash { return store.HashOf(fmt.Sprint(rows)) }
		up.Judge = func(r store.Review) ([]store.Hold, error) {
			shared = len(r.Shared)
			return nil, verdict
		}
		if _, err := s.PutDays(t.Context(), who, up); !errors.Is(err, verdict) {
			t.Fatal(err)
		}
		return shared
	}
	for tokens := int64(1); tokens <= 2; tokens++ { // the second are not in the index
		send(here, accounts[0], tokens, nil)
	}
	if n := send(there, accounts[1], 2, nil); n != store.MinShared {
		t.Errorf("another process shares %d days", n)
	}
	send(there, accounts[1], 3, nil)
	if n := send(here, accounts[2], 3, nil); n != store.MinShared {
		t.Errorf("with what another process took in %d days are shared", n)
	}
	send(here, accounts[2], 4, nil)
	if n := send(open(), accounts[0], 4, nil); n != store.MinShared {
		t.Errorf("with what was there when the file was opened %d days are shared", n)
	}
	send(here, accounts[0], 5, nil)
	send(here, accounts[0], 6, refused)
	if n := send(here, accounts[1], 5, nil); n != store.MinShared {
		t.Errorf("with what an upload that was refused would have changed %d days are shared", n)
	}
}
