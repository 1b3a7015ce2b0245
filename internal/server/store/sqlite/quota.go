package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// sweepEvery is how many counts there are, about, for each removal of the quotas that are whole.
const sweepEvery = 1000

// Shared implements store.Quotas: one server has the file.
func (s *Store) Shared() bool { return false }

// Take implements store.Quotas.
func (s *Store) Take(ctx context.Context, q store.Quota, n int, at time.Time) (store.Allowance, error) {
	if n == 0 {
		until, err := untilOf(ctx, s.reader, q)
		_, a := q.Allow(until, 0, at)
		return a, err
	}
	conn, err := s.take(ctx)
	if err != nil {
		return store.Allowance{}, err
	}
	defer conn.Close()
	var a []store.Allowance
	err = s.inOne(ctx, conn, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		a, err = s.charge(context.WithoutCancel(ctx), conn, tx, []store.Charge{{Quota: q, N: n}}, at)
		return err
	})
	if err != nil {
		return store.Allowance{}, err
	}
	return a[0], nil
}

// counted is when quotas are whole again, as the transaction that has the writer's connection sees them: what was counted a moment ago is
// counted on.
type counted struct {
	until   map[store.Hash]int64
	changed bool // by the transaction
}

// countedMost is how many are known at most.
const countedMost = 20_000

func (c *counted) forget() { *c = counted{} }

// charge counts all charges or, if one does not fit, none.
func (s *Store) charge(ctx context.Context, conn *sql.Conn, tx *sql.Tx, charges []store.Charge, at time.Time) ([]store.Allowance, error) {
	all := make([]store.Allowance, len(charges))
	if len(charges) == 0 {
		return all, nil
	}
	if err := s.readQuotas(ctx, tx, charges); err != nil {
		return nil, err
	}
	values := make([]driver.Value, 0, 2*len(charges))
	for i, c := range charges {
		var until int64
		if until, all[i] = c.Allow(s.counted.until[c.Key], c.N, at); all[i].Wait > 0 {
			return all, nil
		}
		values = append(values, charges[i].Key[:], until)
	}
	if rand.IntN(sweepEvery) == 0 {
		if _, err := tx.ExecContext(ctx, "DELETE FROM quotas WHERE until < ?", at.UnixNano()); err != nil {
			return nil, err
		}
	}
	s.counted.changed = true
	for i := range charges {
		s.counted.until[charges[i].Key] = values[2*i+1].(int64)
	}
	return all, conn.Raw(func(c any) error {
		return c.(*compiling).run(ctx, "INSERT INTO quotas VALUES (?, ?)"+strings.Repeat(", (?, ?)", len(charges)-1)+" ON CONFLICT DO UPDATE SET until = excluded.until", values...)
	})
}

// readQuotas reads those that are not known.
func (s *Store) readQuotas(ctx context.Context, tx *sql.Tx, charges []store.Charge) error {
	if s.counted.until == nil || len(s.counted.until) > countedMost {
		s.counted.until = make(map[store.Hash]int64)
	}
	known := func(c store.Charge) bool {
		_, is := s.counted.until[c.Key]
		return is
	}
	if !slices.ContainsFunc(charges, func(c store.Charge) bool { return !known(c) }) {
		return nil
	}
	was, err := untils(ctx, tx, charges)
	for _, c := range charges {
		s.counted.until[c.Key] = was[c.Key]
	}
	if err != nil {
		s.counted.forget()
	}
	return err
}

// untils are when the quotas of the charges are whole again, as far as they were counted.
func untils(ctx context.Context, tx *sql.Tx, charges []store.Charge) (map[store.Hash]int64, error) {
	keys := make([]any, len(charges))
	for i := range charges {
		keys[i] = charges[i].Key[:]
	}
	rows, err := tx.QueryContext(ctx, "SELECT k, until FROM quotas WHERE k IN (?"+strings.Repeat(", ?", len(keys)-1)+")", keys...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	was := make(map[store.Hash]int64, len(charges))
	for rows.Next() {
		var k sql.RawBytes
		var until int64
		if err := rows.Scan(&k, &until); err != nil {
			return nil, err
		}
		was[store.Hash(k)] = until
	}
	return was, rows.Err()
}

type rower interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func untilOf(ctx context.Context, db rower, q store.Quota) (int64, error) {
	var until int64
	err := db.QueryRowContext(ctx, "SELECT until FROM quotas WHERE k = ?", q.Key[:]).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return until, err
}
