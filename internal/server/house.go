package server

import (
	"context"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// repriceAtOnce is how many accounts one transaction prices again.
const repriceAtOnce = 50

// KeepHouse does what the server does by itself: it moves rolling boards on, prices again what an older book priced and
// removes what is no longer needed. It is called now and then; of several servers on one database one works at a time. What
// went wrong is logged, and done the next time.
func (s *Server) KeepHouse(ctx context.Context) {
	for _, job := range []struct {
		name string
		do   func(context.Context) error
	}{{"rolling boards", s.rollOn}, {"prices", s.reprice}, {"what has ended", s.sweep}, {"erasure journal", s.keepJournal}} {
		if err := job.do(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("housekeeping", "job", job.name, "error", err.Error())
		}
	}
}

func (s *Server) rollOn(ctx context.Context) error {
	return s.Store.RollOn(ctx, s.Now().UTC().Format(time.DateOnly))
}

func (s *Server) sweep(ctx context.Context) error {
	var unused time.Time
	if s.InactiveAfter > 0 {
		unused = s.Now().Add(-s.InactiveAfter)
	}
	n, err := s.Store.Sweep(ctx, s.Now(), unused)
	if n > 0 {
		s.Log.Info("erased unused accounts", "accounts", n)
	}
	return err
}

// reprice prices every row again that an older book priced, some accounts at a time, so that a crash loses no more than one
// step and uploads come between.
func (s *Server) reprice(ctx context.Context) error {
	done := 0
	for {
		keys, err := s.Store.StaleRates(ctx, s.Prices.Date(), repriceAtOnce)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
		r := store.Repricing{Book: s.Prices.Date(), At: s.Now(), Most: repriceAtOnce, Rates: make([]store.Rated, len(keys))}
		for i, k := range keys {
			r.Rates[i] = s.rated(k)
		}
		n, err := s.Store.Reprice(ctx, r)
		if err != nil {
			return err
		}
		if n == 0 { // another server is at it
			return nil
		}
		done += n
	}
	if done > 0 {
		s.Log.Info("priced again", "accounts", done, "book", s.Prices.Date())
	}
	return s.Store.EndRepricing(ctx, s.Prices.Date(), s.Now())
}

func (s *Server) rated(k store.RateKey) store.Rated {
	p := store.Rated{RateKey: k, Family: s.Prices.Family(k.Model)}
	var r pricing.Rates
	r, p.Priced = s.Prices.Rates(usage.Key{Date: k.Day, Model: k.Model, Band: k.Band, Tier: k.Tier})
	p.Rates = store.Rates{Input: int64(r.Input), CacheRead: int64(r.CacheRead), CacheWrite5m: int64(r.CacheWrite5m), CacheWrite1h: int64(r.CacheWrite1h), Output: int64(r.Output)}
	return p
}

// families are the families of the days' models.
func (s *Server) families(days []usage.Day) map[string]string {
	of := make(map[string]string)
	for i := range days {
		model := days[i].Model
		if i > 0 && model == days[i-1].Model {
			continue
		}
		if _, known := of[model]; !known {
			of[model] = s.Prices.Family(model)
		}
	}
	return of
}
