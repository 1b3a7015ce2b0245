package board

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

const (
	fewLines = 2_000            // a board with no more is read anew for every request
	fresh    = 30 * time.Second // a longer one is kept for as long, and then read again behind the back of whoever asks
	stale    = time.Minute      // and at the latest after this, while they wait
	lately   = 10 * time.Second // is what Lately may be late by
	maxMarks = 4_000_000        // kept at once, of all boards: 64 MB
	patience = time.Minute      // for reading a board behind somebody's back
)

// Standing is who stood where on a board at one moment. Ranks in it are found by halving, whatever the board's length.
type Standing struct {
	Marks []store.Mark // in order
	Crowd store.Crowd
	At    time.Time
}

// Rank is one more than the lines with a greater value: ties share a rank.
func (s *Standing) Rank(value int64) int64 {
	i, _ := slices.BinarySearchFunc(s.Marks, value, func(m store.Mark, v int64) int { return cmp.Compare(v, m.Value) })
	return int64(i) + 1
}

// Place returns the rank that a user has with a value, of how many, whatever the standing still has of them.
func (s *Standing) Place(user, value int64) (rank, of int64) {
	rank, of = s.Rank(value), int64(len(s.Marks))
	if len(s.Marks) > fewLines { // one's own line makes no difference
		return rank, max(rank, of)
	}
	i := slices.IndexFunc(s.Marks, func(m store.Mark) bool { return m.User == user })
	switch {
	case i < 0:
		of++
	case s.Marks[i].Value > value:
		rank--
	}
	return rank, of
}

// Tied reports whether another line than the user's has the value.
func (s *Standing) Tied(value, user int64) bool {
	for i := s.Rank(value) - 1; i < int64(len(s.Marks)) && s.Marks[i].Value == value; i++ {
		if s.Marks[i].User != user {
			return true
		}
	}
	return false
}

// Preceding counts the lines that stand before the mark.
func (s *Standing) Preceding(m store.Mark) int64 {
	i, _ := slices.BinarySearchFunc(s.Marks, m, func(a, b store.Mark) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(b.User, a.User))
	})
	return int64(i)
}

// Around returns up to n marks right before m and up to n right after it, without m itself.
func (s *Standing) Around(m store.Mark, n int) (before, after []store.Mark) {
	i := int(s.Preceding(m))
	j := i
	if j < len(s.Marks) && s.Marks[j] == m {
		j++
	}
	return s.Marks[max(0, i-n):i], s.Marks[j:min(len(s.Marks), j+n)]
}

// Ranks keeps the standings of the boards that people look at. It is safe for concurrent use.
type Ranks struct {
	store store.Boards
	now   func() time.Time
	mu    sync.Mutex
	kept  map[store.Board]*kept
}

type kept struct {
	reading sync.Mutex // one reads while the others wait for what it finds
	mu      sync.Mutex
	last    *Standing
	asked   time.Time
	behind  bool // it is being read behind somebody's back
}

// NewRanks returns ranks of the boards of a store.
func NewRanks(s store.Boards, now func() time.Time) *Ranks {
	return &Ranks{store: s, now: now, kept: make(map[store.Board]*kept)}
}

// Of returns the board's standing: as it is now for a short board, at most a minute old for a long one.
func (r *Ranks) Of(ctx context.Context, b store.Board) (*Standing, error) {
	k := r.of(b)
	if s := k.usable(r.now()); s != nil {
		if r.now().Sub(s.At) > fresh {
			r.readBehind(ctx, b, k)
		}
		return s, nil
	}
	k.reading.Lock()
	defer k.reading.Unlock()
	if s := k.usable(r.now()); s != nil {
		return s, nil
	}
	return r.read(ctx, b, k)
}

// Lately returns the rank that a user has with a value, of how many, by a standing of the last seconds: others may have moved since.
// It is for answers that must not wait for a board to be read.
func (r *Ranks) Lately(ctx context.Context, b store.Board, user, value int64) (rank, of int64, err error) {
	s := r.of(b).since(r.now().Add(-lately))
	if s == nil {
		if s, err = r.Of(ctx, b); err != nil {
			return 0, 0, err
		}
	}
	rank, of = s.Place(user, value)
	return rank, of, nil
}

// since is what was read last, if it is no older.
func (k *kept) since(at time.Time) *Standing {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || k.last.At.Before(at) {
		return nil
	}
	return k.last
}

func (r *Ranks) of(b store.Board) *kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kept[b]
	if k == nil {
		k = &kept{}
		r.kept[b] = k
	}
	k.mu.Lock()
	k.asked = r.now()
	k.mu.Unlock()
	return k
}

// usable is what was read last, if that will do.
func (k *kept) usable(now time.Time) *Standing {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || len(k.last.Marks) <= fewLines || now.Sub(k.last.At) > stale {
		return nil
	}
	return k.last
}

func (r *Ranks) read(ctx context.Context, b store.Board, k *kept) (*Standing, error) {
	s := &Standing{At: r.now()}
	var err error
	if s.Marks, err = r.store.Marks(ctx, b); err != nil {
		return nil, err
	}
	if s.Crowd, err = r.store.Crowd(ctx, b); err != nil {
		return nil, err
	}
	k.mu.Lock()
	k.last = s
	k.mu.Unlock()
	r.forget(b)
	return s, nil
}

// readBehind reads a board again while the old standing is used.
func (r *Ranks) readBehind(ctx context.Context, b store.Board, k *kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.behind {
		return
	}
	k.behind = true
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		k.reading.Lock()
		_, _ = r.read(ctx, b, k) // whoever asks when the old one is too old is told why
		k.reading.Unlock()
		k.mu.Lock()
		k.behind = false
		k.mu.Unlock()
	}()
}

// forget drops short boards, which are read anew anyway, and the long ones nobody has asked for longest.
func (r *Ranks) forget(but store.Board) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		total := 0
		var oldest store.Board
		var asked time.Time
		for b, k := range r.kept {
			if b == but {
				continue
			}
			k.mu.Lock()
			n, at := 0, k.asked
			if k.last != nil {
				n = len(k.last.Marks)
			}
			k.mu.Unlock()
			if n <= fewLines {
				delete(r.kept, b)
				continue
			}
			total += n
			if asked.IsZero() || at.Before(asked) {
				oldest, asked = b, at
			}
		}
		if total <= maxMarks || asked.IsZero() {
			return
		}
		delete(r.kept, oldest)
	}
}
