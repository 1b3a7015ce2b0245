package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
)

// crowdFor is how long uploads are weighed against the same standing.
const crowdFor = time.Second

// crowd is the board of the last days that uploads are weighed against.
type crowd struct {
	mu       sync.Mutex
	at       time.Time
	last     string // day of the board
	standing *board.Standing
	total    int64 // tokens of all its lines
}

// lines are the limits for an upload of an account: the host's, and how much of the board it may be.
func (s *Server) lines(ctx context.Context, who store.Actor) (accept.Lines, error) {
	l := s.Lines
	standing, total, err := s.crowded(ctx)
	if err != nil {
		return l, err
	}
	l.Today = s.Now().UTC().Format(time.DateOnly)
	l.Others = func(own int64) accept.Others {
		return others(standing.Marks, total, store.Mark{Value: own, User: who.User})
	}
	return l, nil
}

// crowded returns the rolling board and what is on it.
func (s *Server) crowded(ctx context.Context) (*board.Standing, int64, error) {
	p := store.Rolling(s.Now())[1]
	b := store.Board{Period: p.Name, Metric: store.ByTokens}
	c := &s.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := s.Now(); c.standing == nil || c.last != p.To || now.Sub(c.at).Abs() >= crowdFor {
		standing, err := s.ranks.Of(ctx, b)
		if err != nil {
			return nil, 0, err
		}
		if standing != c.standing {
			c.total = 0
			for _, m := range standing.Marks {
				c.total += m.Value
			}
		}
		c.standing, c.at, c.last = standing, now, p.To
	}
	return c.standing, c.total, nil
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
