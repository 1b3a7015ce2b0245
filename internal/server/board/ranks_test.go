package board

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tokenflex.ing/internal/server/store"
)

// ended waits for what reads a board.
func (r *Ranks) ended(b store.Board) {
	k := r.of(b)
	k.mu.Lock()
	going := k.now
	k.mu.Unlock()
	if going != nil {
		<-going.done
	}
}

// longBoard is a store of one board whose lines grow by one with every read.
type longBoard struct {
	store.Boards
	mu    sync.Mutex
	lines int
	reads chan int
}

func (l *longBoard) Fresh(context.Context) error { return nil }

func (l *longBoard) Marks(context.Context, store.Board, int) ([]store.Mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	marks := make([]store.Mark, l.lines)
	for i := range marks {
		marks[i] = store.Mark{Value: int64(i), User: int64(i)}
	}
	slices.Reverse(marks)
	defer func() { l.reads <- l.lines }()
	return marks, nil
}

func (l *longBoard) Crowd(context.Context, store.Board) (store.Crowd, error) {
	return store.Crowd{}, nil
}

func TestLongBoardsAreKeptAMinute(t *testing.T) {
	at := now
	l := &longBoard{lines: fewLines, reads: make(chan int, 9)}
	r := NewRanks(l, func() time.Time { return at })
	lines := func() int {
		s, err := r.Of(t.Context(), store.Board{})
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Marks)
	}
	for _, tt := range []struct {
		wait time.Duration
		want int
		read bool
	}{{0, 2001, true}, {fresh, 2001, false}, {time.Second, 2001, true}, {0, 2002, false}, {stale + time.Second, 2003, true}} {
		at = at.Add(tt.wait)
		if got := lines(); got != tt.want {
			t.Errorf("after %v: %d lines, want %d", tt.wait, got, tt.want)
		}
		if tt.read {
			<-l.reads
		}
		r.ended(store.Board{})
	}
	if len(l.reads) != 0 {
		t.Error("read too often")
	}
}

func TestShortBoardsAreReadAnew(t *testing.T) {
	l := &longBoard{reads: make(chan int, 9)}
	r := NewRanks(l, func() time.Time { return now })
	for want := 1; want <= 3; want++ {
		if s, err := r.Of(t.Context(), store.Board{}); err != nil || len(s.Marks) != want {
			t.Errorf("%d lines, want %d", len(s.Marks), want)
		}
	}
}

// Of those who ask while a board is read, all wait for one more reading, which has everything that came before they asked; of a long
// board the one that goes on will do. Whoever goes away in the middle takes nothing from the others.
func TestOneReadingIsForAllWhoWait(t *testing.T) {
	for _, tt := range []struct{ before, lines int }{{2, 4}, {fewLines + 5, fewLines + 6}} {
		synctest.Test(t, func(t *testing.T) {
			l := &longBoard{lines: tt.before, reads: make(chan int)} // nobody takes what was read yet
			r := NewRanks(l, time.Now)
			leaving, leave := context.WithCancel(t.Context())
			first := make(chan error)
			go func() {
				_, err := r.Of(leaving, store.Board{})
				first <- err
			}()
			synctest.Wait()
			found := make(chan int, 5)
			for range cap(found) {
				go func() {
					s, err := r.Of(t.Context(), store.Board{})
					if err != nil {
						t.Error(err)
					}
					found <- len(s.Marks)
				}()
			}
			synctest.Wait()
			leave()
			if err := <-first; !errors.Is(err, context.Canceled) {
				t.Errorf("who left: %v", err)
			}
			for len(found) < cap(found) {
				<-l.reads
				synctest.Wait()
			}
			for range cap(found) {
				if n := <-found; n != tt.lines {
					t.Errorf("%d lines, want %d", n, tt.lines)
				}
			}
			if l.lines != tt.lines {
				t.Errorf("read %d times", l.lines-tt.before)
			}
		})
	}
}

// A long board is read again before anybody has to wait for it, as long as somebody asks now and then, and dropped after that.
func TestLongBoardsAreKeptWarm(t *testing.T) {
	at := now
	l := &longBoard{lines: fewLines, reads: make(chan int, 99)}
	r := NewRanks(l, func() time.Time { return at })
	ask := func() int {
		s, err := r.Of(t.Context(), store.Board{Period: "all"})
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Marks)
	}
	ask()
	for range 20 {
		at = at.Add(fresh + time.Second)
		r.refresh(t.Context())
	}
	if got := ask(); got != fewLines+21 || len(l.reads) != 21 {
		t.Errorf("after ten minutes %d lines were read at %d times", got, len(l.reads))
	}
	at = at.Add(warm + time.Second)
	r.refresh(t.Context())
	if len(r.kept) != 0 || len(l.reads) != 21 {
		t.Errorf("nobody asks, and %d boards are kept after %d readings", len(r.kept), len(l.reads))
	}
	ctx, end := context.WithCancel(t.Context())
	kept := make(chan struct{})
	go func() {
		r.Keep(ctx, store.Board{Period: "all"})
		close(kept)
	}()
	for range 22 {
		<-l.reads // the last as the server starts
	}
	end()
	<-kept
}

// stuck is a store that answers nobody.
type stuck struct{ store.Boards }

func (stuck) Fresh(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// A server that stops waits for no reading. Fails where readings outlive it: its connections would be waited for.
func TestReadingsEndWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRanks(stuck{}, time.Now)
		found := make(chan error)
		go func() {
			_, err := r.Of(t.Context(), store.Board{})
			found <- err
		}()
		synctest.Wait()
		ctx, end := context.WithCancel(t.Context())
		end()
		begun := time.Now()
		r.Keep(ctx, store.Board{Period: "all"})
		if err := <-found; !errors.Is(err, context.Canceled) || time.Since(begun) > 0 {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// A rank of the last seconds is read once, and one's own line is where it is now.
func TestRecent(t *testing.T) {
	l := &longBoard{lines: 2, reads: make(chan int, 9)} // 2, 1 and 0, each of the account with that number
	at := now
	r := NewRanks(l, func() time.Time { return at })
	r.Every = 0
	const age = 10 * time.Second
	for _, tt := range []struct {
		wait            time.Duration
		user, value     int64
		rank, of, reads int64
	}{{0, 2, 9, 1, 3, 1}, {time.Second, 0, 1, 2, 3, 1}, {0, 2, 0, 2, 3, 1}, {0, 7, 1, 2, 4, 1}, {0, 7, -1, 4, 4, 1}, {age, 7, -1, 5, 5, 2}} {
		at = at.Add(tt.wait)
		s, err := r.Recent(t.Context(), store.Board{}, age)
		if err != nil {
			t.Fatal(err)
		}
		if rank, of := s.Place(tt.user, tt.value); rank != tt.rank || of != tt.of || len(l.reads) != int(tt.reads) {
			t.Errorf("account %d with %d: rank %d of %d after %d reads; want %d of %d after %d", tt.user, tt.value, rank, of, len(l.reads), tt.rank, tt.of, tt.reads)
		}
	}
}

// Uploads that come at once share what one of them read, for ten times as long as that took; while it is read again, those that come
// take the one before. Fails where each reads for itself.
func TestUploadsShareABoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &longBoard{reads: make(chan int)}
		r := NewRanks(l, time.Now)
		found := make(chan *Standing)
		ask := func() {
			s, err := r.Recent(t.Context(), store.Board{}, 0)
			if err != nil {
				t.Error(err)
			}
			found <- s
		}
		go ask()
		synctest.Wait()
		time.Sleep(time.Second) // it takes a second, of the bubble's time
		<-l.reads
		first := <-found
		if len(first.Marks) != 1 || first.Sum != 0 || first.took != time.Second {
			t.Errorf("the first: %+v", first)
		}
		time.Sleep(8 * time.Second)
		for range 5 {
			go ask()
			if s := <-found; s != first {
				t.Error("it is read again at once")
			}
		}
		time.Sleep(time.Second) // ten since it began
		go ask()
		synctest.Wait()
		for range 5 {
			go ask()
			if s := <-found; s != first {
				t.Error("it is waited for")
			}
		}
		<-l.reads
		if s := <-found; s == first || s.Sum != 1 {
			t.Errorf("it is not read again: %+v", s)
		}
	})
}
