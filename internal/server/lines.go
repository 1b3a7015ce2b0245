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
	catchUpIdle   = 4 // of them while none come: what they have in common is written once
	catchUpEvery  = time.Second
	late          = 30 * time.Second // that the oldest change has waited while uploads come: lines come as much as they do, and first after twice that
)

// KeepBoards brings the boards up to what was uploaded, until ctx ends: everything of the last second at once, and an account
// that sends often no more often than every store.RestFor, or once no uploads come at all to the one server that there is. While uploads
// come, they come first. Of several servers on one database each does a part, and what one leaves behind another goes on with. It also
// reads long boards again before anybody has to wait for that, and first those that people and uploads look at.
func (s *Server) KeepBoards(ctx context.Context) {
	var beside sync.WaitGroup
	beside.Go(func() { s.ranks.Keep(ctx, s.monthBoard(), s.rollingBoard()) })
	if s.Store.Shared() { // where several can write at once, a second one helps after a crowd
		beside.Go(func() { s.catchUp(ctx, true) })
	}
	defer beside.Wait()
	s.catchUp(ctx, false)
}

// catchUp makes lines until ctx ends. A helper does nothing while uploads come, and rests otherwise for as long as it works, so that pages
// have their processor.
func (s *Server) catchUp(ctx context.Context, helper bool) {
	pause := time.NewTimer(catchUpEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		if helper && s.uploadsCome() && s.lag(ctx) < 2*late {
			pause.Reset(catchUpEvery)
			continue
		}
		begun := time.Now()
		at, most := s.Now(), catchUpAtOnce
		if !s.uploadsCome() && !s.Store.Shared() {
			at, most = at.Add(store.RestFor), catchUpIdle // nobody's lines have to rest
		}
		n, err := s.Store.CatchUp(ctx, most, at)
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrFull) { // which uploads say
			s.Log.Error("boards", "error", err.Error())
		}
		switch {
		case err != nil || n == 0:
			pause.Reset(catchUpEvery)
		case s.uploadsCome():
			pause.Reset(restBeside(s.lag(ctx), time.Since(begun)))
		case helper:
			pause.Reset(time.Since(begun))
		default:
			pause.Reset(0)
		}
	}
}

// restBeside is how long whoever makes lines rests after work that took so long, while uploads come: they are in no hurry at first, and yet
// boards do not fall behind for good where uploads never end.
func restBeside(lag, took time.Duration) time.Duration {
	switch {
	case lag < late:
		return 4 * took
	case lag < 2*late:
		return took
	default:
		return 0
	}
}

// lag is for how long the oldest change has waited for its lines, as it was within the last second. What cannot be read is none.
func (s *Server) lag(ctx context.Context) time.Duration {
	now := time.Now()
	if l := s.lagging.Load(); l != nil && now.Sub(l.at) < catchUpEvery {
		return l.lag
	}
	l := &lagging{at: now}
	if b, err := s.Store.Behind(ctx); err == nil && !b.Since.IsZero() {
		l.lag = s.Now().Sub(b.Since)
	}
	s.lagging.Store(l)
	return l.lag
}

// lagging is how far lines were behind.
type lagging struct {
	at  time.Time
	lag time.Duration
}

// uploadsCome reports whether somebody has just sent something.
func (s *Server) uploadsCome() bool {
	return time.Since(time.Unix(0, s.uploaded.Load())) < catchUpEvery
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
