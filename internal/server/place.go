package server

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// places says where a public account stands with its tokens of this month; nil without any. It may be a minute late on a long
// board, as ranks are, and a moment late while many send at once.
func (s *Server) places(ctx context.Context, user, tokens int64) (*wire.Places, error) {
	return s.placesBy(ctx, user, tokens, 0)
}

// receiptPlaces is places for a receipt, which does not wait for what others sent in the last seconds.
func (s *Server) receiptPlaces(ctx context.Context, user, tokens int64) (*wire.Places, error) {
	return s.placesBy(ctx, user, tokens, 10*time.Second)
}

func (s *Server) placesBy(ctx context.Context, user, tokens int64, age time.Duration) (*wire.Places, error) {
	if tokens == 0 {
		return nil, nil
	}
	standing, err := s.ranks.Recent(ctx, s.monthBoard(), age)
	if err != nil {
		return nil, err
	}
	rank, of := standing.Place(user, tokens)
	return &wire.Places{Month: wire.Place{Rank: rank, Of: of}}, nil
}

// monthBoard is the board that people see first.
func (s *Server) monthBoard() store.Board {
	now := s.Now()
	day := now.Unix() / int64(24*time.Hour/time.Second)
	if known := s.month.Load(); known != nil && known.day == day {
		return known.board
	}
	p, _ := board.ParsePeriod(defaultPeriod, now) // a span's name is always one
	b := store.Board{Period: p.Name, Metric: store.ByTokens}
	s.month.Store(&dayBoard{day, b})
	return b
}

// dayBoard is a board that a span's name means on a day.
type dayBoard struct {
	day   int64 // since 1970
	board store.Board
}
