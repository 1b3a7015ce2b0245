package sqlite

import (
	"context"
	"database/sql"
	"slices"
	gosync "sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

// senders are those who sent a moment ago, by their token, as the database has them. Nothing of a token, a device or an account can change but
// as the account, which the guards see to: a commit drops whomever its transaction became, and another process's commit drops all. An upload
// whose sender was found here looks again in its turn.
type senders struct {
	mu      gosync.Mutex
	of      map[store.Hash]sender
	tokens  map[int64][]store.Hash // by account
	changes int64                  // how often somebody was dropped: what was read before is not put here
}

type sender struct {
	who     store.Actor
	day     string // of whose use the token knows
	expires int64  // 0: never
}

// sendersMost is how many are known at most.
const sendersMost = 20_000

// see returns who sends with a token, if that is known.
func (s *senders) see(secret store.Hash, at time.Time) (store.Actor, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.of[secret]
	return one.who, known && one.day == at.UTC().Format(time.DateOnly) && (one.expires == 0 || one.expires > at.Unix())
}

func (s *senders) mark() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// put keeps one who was read after the mark.
func (s *senders) put(mark int64, one sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != mark {
		return
	}
	if s.of == nil || len(s.of) >= sendersMost {
		s.of, s.tokens = make(map[store.Hash]sender), make(map[int64][]store.Hash)
	}
	one.who.Recalled = true
	s.of[one.who.Key] = one
	if all := s.tokens[one.who.User]; !slices.Contains(all, one.who.Key) {
		s.tokens[one.who.User] = append(all, one.who.Key)
	}
}

// drop forgets accounts.
func (s *senders) drop(users []int64) {
	if len(users) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	for _, user := range users {
		for _, secret := range s.tokens[user] {
			delete(s.of, secret)
		}
		delete(s.tokens, user)
	}
}

func (s *senders) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.of, s.tokens = nil, nil
}

// Sender implements store.Tokens.
func (s *Store) Sender(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	if who, known := s.senders.see(secret, at); known {
		return who, nil
	}
	mark := s.senders.mark()
	one, err := readSender(ctx, s.door, secret, at)
	if err != nil {
		return store.Actor{}, err
	}
	if one.day != at.UTC().Format(time.DateOnly) {
		return one.who, s.use(ctx, one.who, at)
	}
	s.senders.put(mark, one)
	return one.who, nil
}

func readSender(ctx context.Context, q querier, secret store.Hash, at time.Time) (sender, error) {
	one := sender{who: store.Actor{Key: secret}}
	a := &one.who
	err := q.QueryRowContext(ctx, `SELECT u.id, u.handle, u.visibility, d.id, d.name, t.id, t.scope, coalesce(t.used_on, ''), coalesce(t.expires_at, 0)
		FROM tokens t JOIN users u ON u.id = t.user_id JOIN devices d ON d.id = t.device_id
		WHERE t.secret = ?1 AND `+live, secret[:], at.Unix()).
		Scan(&a.User, &a.Handle, &a.Visibility, &a.Device, &a.DeviceName, &a.TokenID, &a.Scope, &one.day, &one.expires)
	return one, notFound(err)
}

// use notes the day that a token was used.
func (s *Store) use(ctx context.Context, who store.Actor, at time.Time) error {
	return s.touch(ctx, who.User, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE tokens SET used_on = ? WHERE secret = ?", at.UTC().Format(time.DateOnly), who.Key[:])
		return err
	})
}

// verify looks again for a sender who was remembered, in the turn of what they sent.
func (s *Store) verify(ctx context.Context, tx *sql.Tx, w *waiter) error {
	if !w.who.Recalled {
		return nil
	}
	if who, known := s.senders.see(w.who.Key, w.up.At); known && who == w.who {
		return nil
	}
	one, err := readSender(ctx, tx, w.who.Key, w.up.At)
	if err != nil {
		return err
	}
	one.who.Recalled = true
	if one.who != w.who {
		w.who, w.ready = one.who, nil
	}
	return nil
}
