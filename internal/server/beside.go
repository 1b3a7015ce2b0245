package server

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// beside is what stands beside a line: its days and models are many rows, which cost more to read than all the lines of a page.
type beside struct {
	model  string // that most tokens went to; empty: not shown
	name   string // that the account gave itself
	whole  bool   // what follows was read too
	spark  page.Spark
	before int64 // rank in the period before, as page.Line has it
}

// besideKey is what a beside is of. The account's own part of the line says most of what changes with it: whoever hides something or
// uploads has another line, and what was kept for the old one is not found any more.
type besideKey struct {
	board store.Board
	line  store.Line
	last  string // day of the sparks
}

// besideFor is how long what stands beside a line of a long board is kept: as long as its ranks.
const besideFor = time.Minute

// maxBesides is how many are kept, twice: 120 pages, 6 MB.
const maxBesides = 3_000

// beside returns what stands beside each of the lines; whole: all that a page shows. On a short board it is as it is now.
func (s *Server) beside(ctx context.Context, a asked, standing *board.Standing, lines []store.Line, whole bool) ([]beside, error) {
	days := s.sparkDays(a.period)
	all := make([]beside, len(lines))
	keys := make([]besideKey, len(lines))
	var missing []int
	for i, l := range lines {
		keys[i] = besideKey{a.board, l, days.To}
		if standing.Long() {
			if b, ok := s.besides.Get(keys[i]); ok && (b.whole || !whole) {
				all[i] = b
				continue
			}
		}
		missing = append(missing, i)
	}
	if len(missing) == 0 {
		return all, nil
	}
	read, err := s.readBeside(ctx, a, days, pick(lines, missing), whole)
	if err != nil {
		return nil, err
	}
	for n, i := range missing {
		all[i] = read[n]
		if standing.Long() {
			s.besides.Put(keys[i], read[n])
		}
	}
	return all, nil
}

func pick(lines []store.Line, which []int) []store.Line {
	some := make([]store.Line, len(which))
	for i, at := range which {
		some[i] = lines[at]
	}
	return some
}

func (s *Server) readBeside(ctx context.Context, a asked, days store.Period, lines []store.Line, whole bool) ([]beside, error) {
	ask := store.BesideAsk{Models: a.period.Period, Names: true}
	before, has := a.period.Before()
	if whole {
		ask.Days = days
		if has {
			ask.Before = before.Name
		}
	}
	got, err := s.Store.Beside(ctx, a.board, users(lines), ask)
	if err != nil {
		return nil, err
	}
	top, err := s.names.Top(ctx, got.Models)
	if err != nil {
		return nil, err
	}
	all := make([]beside, len(lines))
	for i, l := range lines {
		all[i].model, all[i].name, all[i].whole = top[l.User], got.Names[l.User], whole
	}
	if !whole {
		return all, nil
	}
	ranks, err := s.ranksBefore(ctx, a.board, ask.Before, got.Before)
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		tokens := got.Days[l.User]
		if tokens == nil {
			tokens = make([]int64, sparkLength)
		}
		all[i].before, all[i].spark = ranks(l.User), page.NewSpark(tokens)
	}
	return all, nil
}

// ranksBefore returns how users stood on the same board of the period before, where they had these places: their rank, page.NewLine
// if they had no line, 0 if that period has none at all.
func (s *Server) ranksBefore(ctx context.Context, b store.Board, before string, marks []store.Mark) (func(user int64) int64, error) {
	none := func(int64) int64 { return 0 }
	if before == "" {
		return none, nil
	}
	b.Period = before
	then, err := s.ranks.Of(ctx, b)
	if err != nil || len(then.Marks) == 0 {
		return none, err
	}
	ranks := make(map[int64]int64, len(marks))
	for _, m := range marks {
		ranks[m.User] = then.Rank(m.Value)
	}
	return func(user int64) int64 {
		if r := ranks[user]; r > 0 {
			return r
		}
		return page.NewLine
	}, nil
}

func marks(lines []store.Line) []store.Mark {
	all := make([]store.Mark, len(lines))
	for i, l := range lines {
		all[i] = l.Mark()
	}
	return all
}

// sparkLength is how many days a line's small chart has.
const sparkLength = 30

// sparkDays are the last days of the period, or those up to today while it runs.
func (s *Server) sparkDays(p board.Period) store.Period {
	last := s.Now().UTC().Truncate(24 * time.Hour)
	if _, to := p.Days(); !to.IsZero() && to.Before(last) {
		last = to
	}
	return store.Period{Name: "sparks", From: last.AddDate(0, 0, 1-sparkLength).Format(time.DateOnly), To: last.Format(time.DateOnly)}
}
