package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// Whoever is remembered by a token is who the database says, after whatever happened here or in another process, and who sends with a token
// that has ended since sends nothing. Fails where a commit does not drop whom it became, where another process's does not drop all, and where
// an upload does not look again.
func TestSendersAreAsStored(t *testing.T) {
	here := openTest(t)
	there, err := Open(t.Context(), here.file, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	type holder struct {
		user   int64
		secret store.Hash
		id     string
		ended  bool
	}
	var holders []*holder
	var users []int64
	for _, handle := range []string{"mira", "adam", "zoe"} {
		u, err := here.AddUser(t.Context(), handle, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, u.ID)
	}
	give := func(s *Store, user int64) {
		n := len(holders)
		h := &holder{user: user, secret: store.HashOf(fmt.Sprint(n)), id: fmt.Sprintf("00000000-0000-0000-0000-%012d", n)}
		token := store.NewToken{Secret: h.secret, ID: h.id, Hint: "abcd", Scope: "usage:write", At: storetest.Noon, Expires: storetest.Noon.AddDate(0, 0, 1+r.IntN(9))}
		if _, err := s.AddToken(t.Context(), user, "laptop", token); err != nil {
			t.Fatal(err)
		}
		holders = append(holders, h)
	}
	for _, user := range users {
		give(here, user)
	}
	recalled, refused := 0, 0
	for step := range 400 {
		h, s := holders[max(0, len(holders)-1-r.IntN(5))], here
		who, err := here.Sender(t.Context(), h.secret, storetest.Noon)
		switch {
		case err == nil && !who.Recalled && h.ended:
			t.Fatalf("step %d: a token that had ended was read", step)
		case err != nil && !(errors.Is(err, store.ErrNotFound) && h.ended):
			t.Fatalf("step %d: %v", step, err)
		case who.Recalled:
			recalled++
		}
		if r.IntN(3) == 0 {
			s = there
		}
		switch r.IntN(8) {
		case 0:
			if err := s.SetVisibility(t.Context(), store.Actor{User: h.user}, store.Visibility(r.IntN(3))); err != nil {
				t.Fatal(err)
			}
		case 1:
			if err := s.RevokeToken(t.Context(), store.Actor{User: h.user}, h.id, storetest.Noon); err != nil {
				t.Fatal(err)
			}
			h.ended = true
			give(s, users[r.IntN(len(users))])
		}
		if err == nil {
			day := usage.Day{Key: usage.Key{Date: storetest.Noon.Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: int64(step + 1)}, Priced: true}
			_, err := here.PutDays(t.Context(), who, store.Upload{Seq: int64(step + 1), Days: []usage.Day{day}, Book: "b", At: storetest.Noon, Judge: storetest.NoHolds})
			if want := h.ended && who.Recalled; want != errors.Is(err, store.ErrNotFound) || !want && err != nil {
				t.Fatalf("step %d: by a token that had ended (%v): %v", step, want, err)
			}
			if err != nil {
				refused++
			}
		}
		err = here.anonymous(t.Context(), func(tx *sql.Tx) error {
			for secret, one := range here.senders.of {
				stored, err := readSender(t.Context(), tx, secret, storetest.Noon)
				if stored.who.Recalled = true; err != nil || stored != one {
					return fmt.Errorf("error %w\nkept   %+v\nstored %+v", err, one, stored)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
	}
	if recalled < 50 || refused < 5 {
		t.Errorf("%d were recalled and %d refused", recalled, refused)
	}
}

// What was read of a sender before somebody was dropped is not kept after it. Fails where whoever asks while a token ends brings it back.
func TestASenderReadBeforeAChangeIsNotKept(t *testing.T) {
	var s senders
	one := sender{who: store.Actor{User: 1, Key: store.HashOf("one")}, day: storetest.Noon.Format(time.DateOnly)}
	mark := s.mark()
	s.drop([]int64{1})
	if s.put(mark, one); len(s.of) > 0 {
		t.Error("it is kept")
	}
	s.put(s.mark(), one)
	if who, known := s.see(one.who.Key, storetest.Noon); !known || !who.Recalled {
		t.Error("it is not kept")
	}
	if _, known := s.see(one.who.Key, storetest.Noon.AddDate(0, 0, 1)); known {
		t.Error("it is kept for another day")
	}
}
