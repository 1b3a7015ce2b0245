package server

import (
	"context"
	"slices"
	"time"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
)

// lines are the limits for an upload of an account: the host's, and how much of the board it may be.
func (s *Server) lines(ctx context.Context, who store.Actor) (accept.Lines, error) {
	l := s.Lines
	crowd, err := s.ranks.Recent(ctx, s.rollingBoard(), 0)
	if err != nil {
		return l, err
	}
	l.Today = s.Now().UTC().Format(time.DateOnly)
	l.Others = func(own int64) accept.Others {
		return others(crowd.Marks, crowd.Sum, store.Mark{Value: own, User: who.User})
	}
	return l, nil
}

// everybody is what a board adds up to, of all who may be counted in public. It is nil while a long board is added up for the first time, or
// cannot be: the page is shown without.
func (s *Server) everybody(ctx context.Context, b store.Board, of *board.Standing) *store.Figures {
	crowd, known, err := s.ranks.Crowd(ctx, b, of)
	if err != nil && ctx.Err() == nil {
		s.Log.Error("sum of a board", "period", b.Period, "error", err.Error())
	}
	if !known {
		return nil
	}
	sum, _ := board.Countable(crowd)
	return &sum
}

// rollingBoard is the board that uploads are weighed against: the last thirty days.
func (s *Server) rollingBoard() store.Board {
	return store.Board{Period: board.Days30.String(), Metric: store.ByTokens} // whose name is the same every day
}

// others is the board without the account's own line. On a long board that is only looked for where the account may be too much of it.
func others(marks []store.Mark, total int64, own store.Mark) accept.Others {
	top := func(n int) int64 { // of n lines that are left when the largest n/1000 are taken off
		if n >= len(marks) {
			return 0
		}
		return marks[n].Value
	}
	thousandth := len(marks) / 1000
	o := accept.Others{Users: len(marks), Tokens: total, Top: top(thousandth)}
	if len(marks) > manyLines && own.Value <= total/4 && own.Value <= accept.ShareTimes*top(thousandth+1) {
		return o
	}
	i := slices.IndexFunc(marks, func(m store.Mark) bool { return m.User == own.User })
	if i < 0 {
		return o
	}
	o.Users, o.Tokens = o.Users-1, o.Tokens-marks[i].Value
	if thousandth = o.Users / 1000; i <= thousandth {
		thousandth++
	}
	o.Top = top(thousandth)
	return o
}

// manyLines is from how many lines on a board is long.
const manyLines = 10_000
