package server

import (
	"context"
	"errors"
	"time"

	"tokenflex.ing/internal/server/store"
)

const (
	catchUpAtOnce = 4 // accounts in one transaction, for which uploads wait
	catchUpEvery  = time.Second
)

// KeepBoards brings the boards up to what was uploaded, until ctx ends: everything of the last second at once, so that an account
// that sends often is not worked out as often. While there is more than that, uploads come first. Of several servers on one
// database each does a part, and what one leaves behind another goes on with.
func (s *Server) KeepBoards(ctx context.Context) {
	pause := time.NewTimer(catchUpEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		begun := time.Now()
		n, err := s.Store.CatchUp(ctx, catchUpAtOnce)
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrFull) { // which uploads say
			s.Log.Error("boards", "error", err.Error())
		}
		if err == nil && n == catchUpAtOnce {
			pause.Reset(2 * time.Since(begun))
		} else {
			pause.Reset(catchUpEvery)
		}
	}
}

// asOf says up to when a board that was just read holds everything, to the minute.
func (s *Server) asOf(ctx context.Context) (string, error) {
	at := s.Now()
	behind, err := s.Store.Behind(ctx)
	if !behind.IsZero() && behind.Before(at) {
		at = behind
	}
	return stamp(at.Truncate(time.Minute)), err
}
