package server

import (
	"net/http"
	"slices"
	"strconv"

	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// asked is a board as somebody asked for it.
type asked struct {
	name   string // of the period, as it was asked for
	period board.Period
	board  store.Board
	after  *store.Mark
	limit  int
}

const (
	defaultPeriod = "month"
	defaultLines  = 50
	maxLines      = 100
)

// readBoard reads a board's parameters. Whatever it does not understand is refused, so that nobody reads another board
// than they think.
func (s *Server) readBoard(r *http.Request) (asked, error) {
	q := r.URL.Query()
	a := asked{limit: defaultLines}
	var err error
	if a.name, a.period, err = s.readPeriod(r); err != nil {
		return a, err
	}
	a.board = store.Board{Period: a.period.Name, Source: q.Get("source"), Family: q.Get("family"), Metric: store.Metric(q.Get("metric"))}
	if !q.Has("metric") {
		a.board.Metric = store.ByTokens
	}
	if !slices.Contains(store.Metrics, a.board.Metric) {
		return a, wrong("metric", "is tokens, cost, output, active_days or streak")
	}
	if a.board.Source != "" && !accept.ValidSource(a.board.Source) {
		return a, wrong("source", "is the id of a tool")
	}
	if a.board.Family != "" && !accept.ValidSource(a.board.Family) {
		return a, wrong("family", "is the name of a family of models, such as claude")
	}
	if q.Has("limit") {
		if a.limit, err = strconv.Atoi(q.Get("limit")); err != nil || a.limit < 1 || a.limit > maxLines || q.Get("limit") != strconv.Itoa(a.limit) {
			return a, wrong("limit", "is from 1 to 100")
		}
	}
	if q.Get("cursor") != "" {
		m, err := board.ParseCursor(s.key, a.board, q.Get("cursor"))
		if err != nil {
			return a, wrong("cursor", "is of another board, or was not made here")
		}
		a.after = &m
	}
	return a, nil
}

// readPeriod reads which period is asked for, and by which name.
func (s *Server) readPeriod(r *http.Request) (name string, p board.Period, err error) {
	name = defaultPeriod
	if q := r.URL.Query(); q.Has("period") {
		name = q.Get("period")
	}
	if p, err = board.ParsePeriod(name, s.Now()); err != nil {
		err = wrongPeriod
	}
	return name, p, err
}

var wrongPeriod = wrong("period", "is day, week, month, year, all, 7d, 30d, or one such as 2026, 2026-11, 2026-W47 or 2026-11-23")

func wrong(parameter, is string) error {
	return &refusal{code: wire.Malformed, detail: parameter + " " + is}
}
