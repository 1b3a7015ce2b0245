package server

import (
	"errors"
	"net/http"

	"tokenflex.ing/internal/server/store"
)

// toll is what an upload counts against limits: in this process at once, so that a flood ends here, and in the store together with
// what it writes.
type toll struct {
	limits  []Limit
	charges []store.Charge
}

// count adds one more limit. It refuses what would be too much for all servers together.
func (s *Server) count(w http.ResponseWriter, t *toll, limit Limit, subject string, n int) error {
	if a := s.limiter.takeHere(limit, subject, n, s.Now(), true); a.Wait > 0 {
		return limited(w, limit, a.Wait)
	}
	t.limits = append(t.limits, limit)
	t.charges = append(t.charges, store.Charge{Quota: quota(limit, subject), N: n})
	return nil
}

// refused counts in the store an upload that gets no further, and returns why it does not.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, t toll, why error) error {
	for i, c := range t.charges {
		a, err := s.Store.Take(r.Context(), c.Quota, c.N, s.Now())
		if err != nil {
			return err
		}
		if a.Wait > 0 {
			return limited(w, t.limits[i], a.Wait)
		}
	}
	return why
}

// overLimit says which limit the store had no room in, if that is what the error says.
func overLimit(w http.ResponseWriter, t toll, err error) (Limit, error) {
	var over *store.ErrLimited
	if !errors.As(err, &over) {
		return Limit{}, err
	}
	l := t.limits[over.Charge]
	return l, limited(w, l, over.Wait)
}

// quota is the store's of a limit.
func quota(l Limit, subject string) store.Quota {
	return store.Quota{Key: store.HashOf(l.Name + "\x00" + subject), Every: l.Every, Burst: l.Burst}
}
