package sqlite

import (
	"errors"
	"fmt"
	"runtime"
	gosync "sync"
	"testing"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/usage"
)

// together sends an upload for each judge, by accounts of their own, all of which wait for the writer at once, and returns what became
// of them and what each account has.
func together(t *testing.T, s *Store, judges ...store.Judge) (errs []error, tokens []int64) {
	t.Helper()
	var all gosync.WaitGroup
	errs, tokens = make([]error, len(judges)), make([]int64, len(judges))
	users := make([]store.Actor, len(judges))
	for i := range judges {
		u, err := s.AddUser(t.Context(), fmt.Sprint("user", i), storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		n := store.NewToken{Secret: store.HashOf(u.Handle), ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", i), Hint: "abcd", At: storetest.Noon}
		token, err := s.AddToken(t.Context(), u.ID, "laptop", n)
		if err != nil {
			t.Fatal(err)
		}
		users[i] = store.Actor{User: u.ID, Device: token.Device}
	}
	conn, err := s.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, judge := range judges {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			d := usage.Day{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 5}, Cost: 5, Priced: true}
			_, errs[i] = s.PutDays(t.Context(), users[i], store.Upload{Seq: 1, Days: []usage.Day{d}, Book: "b", At: storetest.Noon, Judge: judge})
		})
		for waiting := 0; waiting <= i; runtime.Gosched() { // in this order
			s.group.mu.Lock()
			waiting = len(s.group.waiting)
			s.group.mu.Unlock()
		}
	}
	conn.Close()
	all.Wait()
	for i, who := range users {
		f, err := s.SumOf(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		tokens[i] = f.Tokens.Total()
	}
	return errs, tokens
}

// Of uploads that are written together one that is refused takes nothing of the others back, and leaves nothing behind. Fails without the
// savepoint.
func TestARefusedUploadIsRefusedAlone(t *testing.T) {
	impossible := errors.New("impossible")
	errs, tokens := together(t, openTest(t), storetest.NoHolds, func(store.Review) ([]store.Hold, error) { return nil, impossible }, storetest.NoHolds)
	if errs[0] != nil || !errors.Is(errs[1], impossible) || errs[2] != nil || tokens[0] != 5 || tokens[1] != 0 || tokens[2] != 5 {
		t.Errorf("errors %v, stored %v", errs, tokens)
	}
}

// Whoever is written together with an upload that breaks off is told so, has nothing stored, and can send again. Fails where they wait for
// good.
func TestNobodyWaitsForAnUploadThatBrokeOff(t *testing.T) {
	s := openTest(t)
	errs, tokens := together(t, s, storetest.NoHolds, func(store.Review) ([]store.Hold, error) { panic("broken") }, storetest.NoHolds)
	for i := range errs {
		if errs[i] == nil || tokens[i] != 0 {
			t.Errorf("upload %d: error %v, %d stored", i, errs[i], tokens[i])
		}
	}
	d := usage.Day{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 5}, Cost: 5, Priced: true}
	if _, err := s.PutDays(t.Context(), store.Actor{User: 1, Device: 1}, store.Upload{Seq: 1, Days: []usage.Day{d}, Book: "b", At: storetest.Noon, Judge: storetest.NoHolds}); err != nil {
		t.Errorf("sent again: %v", err)
	}
}
