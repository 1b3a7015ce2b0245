package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"tokenflex.ing/internal/server/store"
)

const (
	catchUpAtOnce = 1 // accounts in one transaction, for which uploads wait
	catchUpEvery  = time.Second
)

// KeepBoards brings the boards up to what was uploaded, until ctx ends: everything of the last second at once, and an account
// that sends often no more often than every store.RestFor. While uploads come, they come first. Of several servers on one
// database each does a part, and what one leaves behind another goes on with. It also reads long boards again before anybody has to
// wait for that, and first those that people and uploads look at.
func (s *Server) KeepBoards(ctx context.Context) {
	var reading sync.WaitGroup
	reading.Go(func() { s.ranks.Keep(ctx, s.monthBoard(), s.rollingBoard()) })
	defer reading.Wait()
	pause := time.NewTimer(catchUpEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		begun := time.Now()
		n, err := s.Store.CatchUp(ctx, catchUpAtOnce, s.Now())
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrFull) { // which uploads say
			s.Log.Error("boards", "error", err.Error())
		}
		switch {
		case err != nil || n < catchUpAtOnce:
			pause.Reset(catchUpEvery)
		case time.Since(time.Unix(0, s.uploaded.Load())) < catchUpEvery:
			pause.Reset(2 * time.Since(begun))
		default:
			pause.Reset(0)
		}
	}
}

// asOf says up to when a board that was just read holds everything, to the minute.
func (s *Server) asOf(behind store.Behind) string {
	return stamp(s.holdsAllOf(behind).Truncate(time.Minute))
}

func (s *Server) holdsAllOf(behind store.Behind) time.Time {
	if at := s.Now(); behind.Since.IsZero() || at.Before(behind.Since) {
		return at
	}
	return behind.Since
}
