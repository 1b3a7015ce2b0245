package board

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tokenflex.ing/internal/server/store"
)

// heavyBoard is a store of long boards that take long to add up, and counts how many are at once.
type heavyBoard struct {
	store.Boards
	takes         time.Duration
	err           error
	sums, at, max int
}

func (*heavyBoard) Fresh(context.Context) error { return nil }

func (*heavyBoard) Marks(context.Context, store.Board, int) ([]store.Mark, error) {
	return make([]store.Mark, fewLines+1), nil
}

func (h *heavyBoard) Crowd(context.Context, store.Board) (c store.Crowd, err error) {
	h.sums++
	h.at++
	h.max = max(h.max, h.at)
	time.Sleep(h.takes)
	h.at--
	c.Public.Users = int64(h.sums)
	return c, h.err
}

// A long board's lines are there before it is added up, and nobody waits for another sum where there is one. Fails where the sum is read
// with the lines, where whoever asks waits for it, and where it is made again whenever somebody asks.
func TestNobodyWaitsForAnotherSum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &heavyBoard{takes: 8 * time.Second}
		r := NewRanks(h, time.Now)
		b := store.Board{Period: "all"}
		ask := func(want int64, within time.Duration) {
			t.Helper()
			begun := time.Now()
			standing, err := r.Of(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			if read := time.Since(begun); read != 0 {
				t.Errorf("the lines took %v", read)
			}
			c, known, err := r.Crowd(t.Context(), b, standing)
			if took := time.Since(begun); err != nil || known != (want > 0) || c.Public.Users != want || took > within {
				t.Errorf("sum %d (%v, known %v) after %v; want %d within %v", c.Public.Users, err, known, took, want, within)
			}
		}
		ask(0, sumPatience) // the first of all do not wait for as long as that takes
		ask(0, 0)           // and the next not at all
		time.Sleep(h.takes)
		synctest.Wait()
		ask(1, 0)
		time.Sleep(70 * time.Second)
		ask(1, 0) // it took eight seconds, so it is good for eighty
		if h.sums != 1 {
			t.Errorf("added up %d times", h.sums)
		}
		time.Sleep(10 * time.Second)
		ask(1, 0) // and then as long as another is made
		ask(1, 0)
		time.Sleep(h.takes)
		synctest.Wait()
		ask(2, 0)
		if h.sums != 2 {
			t.Errorf("added up %d times", h.sums)
		}
	})
}

// Whoever waits for the first sum and finds that it did not come is told why, and the next who asks has it made again.
func TestASumThatFailedIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &heavyBoard{takes: time.Second / 2, err: store.ErrBusy}
		r := NewRanks(h, time.Now)
		standing, err := r.Of(t.Context(), store.Board{})
		if err != nil {
			t.Fatal(err)
		}
		if _, known, err := r.Crowd(t.Context(), store.Board{}, standing); known || !errors.Is(err, store.ErrBusy) {
			t.Errorf("known %v, %v", known, err)
		}
		if _, known, err := r.Crowd(t.Context(), store.Board{}, standing); known || err != nil {
			t.Errorf("at once again known %v, %v", known, err)
		}
		h.err = nil
		time.Sleep(sumAgain)
		if c, known, err := r.Crowd(t.Context(), store.Board{}, standing); !known || err != nil || c.Public.Users != 2 {
			t.Errorf("then %d, known %v, %v", c.Public.Users, known, err)
		}
		h.err = store.ErrBusy
		time.Sleep(time.Minute)
		for range 2 { // what there was is shown meanwhile
			if c, known, err := r.Crowd(t.Context(), store.Board{}, standing); !known || err != nil || c.Public.Users != 2 {
				t.Errorf("while it fails %d, known %v, %v", c.Public.Users, known, err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(warm) // but not for ever
		if _, known, err := r.Crowd(t.Context(), store.Board{}, standing); known || !errors.Is(err, store.ErrBusy) {
			t.Errorf("after a quarter of an hour known %v, %v", known, err)
		}
	})
}

// Many long boards are added up one after the other, however many people ask for them at once, and they are kept up by themselves. Fails
// where each is begun at once.
func TestBoardsAreAddedUpOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &heavyBoard{takes: 2 * time.Second}
		r := NewRanks(h, time.Now)
		periods := []string{"2026", "2025", "2024", "all"}
		for _, period := range periods {
			for range 3 {
				go func() {
					b := store.Board{Period: period}
					standing, err := r.Of(t.Context(), b)
					if err != nil {
						t.Error(err)
						return
					}
					r.Crowd(t.Context(), b, standing)
				}()
			}
		}
		time.Sleep(time.Duration(len(periods)) * h.takes)
		synctest.Wait()
		if h.sums != len(periods) || h.max != 1 {
			t.Errorf("%d sums, %d at once", h.sums, h.max)
		}
		time.Sleep(fresh)
		r.refresh(t.Context())
		if h.sums != 2*len(periods) || h.max != 1 {
			t.Errorf("later %d sums, %d at once", h.sums, h.max)
		}
	})
}

// slowBoard is a store of a long board that takes long to read.
type slowBoard struct {
	heavyBoard
	reads int
}

func (s *slowBoard) Marks(context.Context, store.Board, int) ([]store.Mark, error) {
	s.reads++
	time.Sleep(s.takes)
	return make([]store.Mark, fewLines+1), nil
}

// Uploads that never end have a long board read no more often than people who look at it. Fails where each that finds it older than it would
// like has it read again.
func TestUploadsReadALongBoardNoMoreOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowBoard{heavyBoard: heavyBoard{takes: 100 * time.Millisecond}}
		r := NewRanks(s, time.Now)
		begun := time.Now()
		for time.Since(begun) < 5*time.Minute {
			for _, age := range []time.Duration{0, 10 * time.Second} {
				if _, err := r.Recent(t.Context(), store.Board{}, age); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		if most := int(5*time.Minute/fresh) + 1; s.reads > most {
			t.Errorf("read %d times in five minutes, %d would do", s.reads, most)
		}
	})
}

// An upload waits for a long board only where nobody has read it yet. Fails where what is older than a minute will not do.
func TestUploadsTakeAnOldStanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowBoard{heavyBoard: heavyBoard{takes: 20 * time.Second}}
		r := NewRanks(s, time.Now)
		ask := func() (*Standing, time.Duration) {
			begun := time.Now()
			standing, err := r.Recent(t.Context(), store.Board{}, 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			return standing, time.Since(begun)
		}
		first, took := ask()
		if took != s.takes {
			t.Errorf("the first took %v", took)
		}
		time.Sleep(10 * time.Minute)
		for range 3 {
			if again, took := ask(); again != first || took != 0 {
				t.Errorf("an old one took %v, read again %v", took, again != first)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(s.takes)
		synctest.Wait()
		again, took := ask()
		if again == first || took != 0 {
			t.Errorf("the new one took %v, read again %v", took, again != first)
		}
		time.Sleep(warm + time.Second)
		if last, took := ask(); last == again || took != s.takes {
			t.Errorf("after a quarter of an hour it took %v, read again %v", took, last != again)
		}
		if s.sums != 0 {
			t.Error("it was added up, for which nobody asked")
		}
	})
}
