package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// profilePage prints one person's page. For a stranger a private account and a missing one are the same page.
func (s *Server) profilePage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.session(r)
	if err != nil {
		return err
	}
	handle, ctx := r.PathValue("handle"), r.Context()
	v := page.Profile{Handle: handle, Owner: who.User != 0 && who.Handle == handle}
	user := who.User
	if !v.Owner {
		u, err := s.Store.PublicUser(ctx, handle)
		if err != nil {
			return err
		}
		user, v.Name, v.Hidden = u.ID, u.Name, pageHidden(u.Hidden)
	} else {
		u, err := s.Store.OwnUser(ctx, who)
		if err != nil {
			return err
		}
		v.Name, v.Visibility = u.Name, page.Visibility(who.Visibility.String())
	}
	days, err := s.Store.DaysOf(ctx, who, user, store.Always.From, store.Always.To)
	if err != nil {
		return err
	}
	if !v.Owner {
		if err := s.names.Mask(ctx, days); err != nil {
			return err
		}
	}
	if err := s.fillProfile(&v, days, r.URL.Query().Get("year")); err != nil {
		return err
	}
	if !v.Owner || who.Visibility == store.Public {
		if v.Standing, err = s.standing(ctx, who, user, true); err != nil {
			return err
		}
	}
	if v.Owner {
		if err := s.fillOwner(ctx, who, &v); err != nil {
			return err
		}
	}
	return s.show(w, r, v)
}

// fillProfile adds the figures that the days hold. year is which one to draw; without it, the last with usage.
func (s *Server) fillProfile(v *page.Profile, days []usage.Day, year string) error {
	f := figuresOf(days)
	v.Total, v.ActiveDays = pageSum(f), f.ActiveDays
	v.FirstDay, _ = time.Parse(time.DateOnly, f.First) // without usage: zero
	v.Streak, v.BestStreak = board.Streaks(dates(days), s.Now())
	v.Year = s.Now().UTC().Year()
	for _, d := range days {
		y, err := strconv.Atoi(d.Date[:4])
		if err != nil {
			return err
		}
		if len(v.Years) == 0 || v.Years[len(v.Years)-1] != y { // days are sorted
			v.Years = append(v.Years, y)
		}
	}
	if n := len(v.Years); n > 0 {
		v.Year = v.Years[n-1]
	}
	if year != "" {
		y, err := strconv.Atoi(year)
		if err != nil || y < 2000 || y > 9999 {
			return wrong("year", "has four digits")
		}
		v.Year = y
	}
	for _, d := range days {
		if d.Date[:4] == strconv.Itoa(v.Year) {
			v.Days = append(v.Days, d)
		}
	}
	return nil
}

// fillOwner adds what only the owner sees.
func (s *Server) fillOwner(ctx context.Context, who store.Actor, v *page.Profile) error {
	holds, err := s.Store.HoldsOf(ctx, who)
	if err != nil {
		return err
	}
	v.Held = heldDays(holds)
	devices, err := s.Store.DevicesOf(ctx, who)
	for _, d := range devices {
		if !d.Revoked {
			v.Device = d.Name
		}
	}
	return err
}

// standing returns the user's place on this month's board of tokens, as it is or, while they are not public, would be;
// nil without usage.
func (s *Server) standing(ctx context.Context, who store.Actor, user int64, isPublic bool) (*page.Standing, error) {
	p, err := board.ParsePeriod("month", s.Now())
	if err != nil {
		return nil, err
	}
	on, err := s.placeIn(ctx, who, user, p)
	if on == nil {
		return nil, err
	}
	b, st := on.board, on.standing
	if !isPublic { // as if one more
		st.Of++
	}
	before, has := p.Before()
	if !has {
		return st, nil
	}
	then := b
	then.Period = before.Name
	lines, err := s.Store.LinesOf(ctx, then, []int64{user})
	if err != nil {
		return nil, err
	}
	old, err := s.ranksBefore(ctx, b, before.Name, marks(lines))
	if err != nil {
		return nil, err
	}
	st.Before = old(user)
	return st, nil
}

// placed is a user's line on a board of tokens, and where it stands there.
type placed struct {
	board    store.Board
	line     store.Line
	ranks    *board.Standing
	standing *page.Standing
}

// placeIn returns where the user stands in a period, for that reader; nil without usage.
func (s *Server) placeIn(ctx context.Context, reader store.Actor, user int64, p board.Period) (*placed, error) {
	on := &placed{board: store.Board{Period: p.Name, Metric: store.ByTokens}}
	var err error
	if on.line, err = s.Store.LineOf(ctx, on.board, reader, user); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return nil, err
	}
	if on.ranks, err = s.ranks.Of(ctx, on.board); err != nil {
		return nil, err
	}
	l := on.line
	on.standing = &page.Standing{Rank: on.ranks.Rank(l.Value), Tied: on.ranks.Tied(l.Value, user), Of: int64(len(on.ranks.Marks)), Period: pagePeriod(p), Tokens: l.Value}
	return on, nil
}
