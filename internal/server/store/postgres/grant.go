package postgres

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/store"
)

// AddGrant implements store.Grants.
func (s *Store) AddGrant(ctx context.Context, g store.Grant, limit store.GrantLimit) error {
	_, err := s.pool.Exec(ctx, "SELECT tf.add_grant($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		g.DeviceCode[:], g.UserCode[:], g.Name, g.OS, g.Client, g.Scope, g.Address, g.Network,
		g.At.Unix(), g.Expires.Unix(), int64(g.Interval.Seconds()), limit.Address, limit.Network)
	return refusal(err)
}

// Grant implements store.Grants.
func (s *Store) Grant(ctx context.Context, userCode store.Hash, at time.Time) (store.Grant, error) {
	g := store.Grant{UserCode: userCode}
	var created, expires, interval int64
	err := s.pool.QueryRow(ctx, `SELECT o_name, o_os, o_client, o_scope, o_address, o_network, o_at, o_expires, o_interval
		FROM tf.pending_grant($1, $2)`, userCode[:], at.Unix()).
		Scan(&g.Name, &g.OS, &g.Client, &g.Scope, &g.Address, &g.Network, &created, &expires, &interval)
	g.At, g.Expires, g.Interval = time.Unix(created, 0).UTC(), time.Unix(expires, 0).UTC(), time.Duration(interval)*time.Second
	return g, refusal(err)
}

// DecideGrant implements store.Grants.
func (s *Store) DecideGrant(ctx context.Context, who store.Actor, userCode store.Hash, approve bool, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.decide_grant($1, $2, $3)", userCode[:], approve, at.Unix())
}

var states = map[string]store.GrantState{"unknown": store.GrantUnknown, "pending": store.GrantPending, "soon": store.GrantTooSoon,
	"denied": store.GrantDenied, "expired": store.GrantExpired, "minted": store.GrantMinted}

// PollGrant implements store.Grants. The door holds the grant's row, so parallel polls wait for each other.
func (s *Store) PollGrant(ctx context.Context, deviceCode store.Hash, n store.NewToken) (store.Poll, error) {
	var state string
	var handle, name, scope *string
	var device, expires *int64
	err := s.pool.QueryRow(ctx, "SELECT o_state, o_handle, o_device, o_name, o_scope, o_expires FROM tf.poll_grant($1, $2, $3, $4, $5, $6, $7)",
		deviceCode[:], n.At.UnixMilli(), int64(store.SlowDown.Seconds()), n.Secret[:], n.ID, n.Hint, seconds(n.Expires)).
		Scan(&state, &handle, &device, &name, &scope, &expires)
	if err != nil {
		return store.Poll{}, refusal(err)
	}
	p := store.Poll{State: states[state]}
	if p.State == store.GrantMinted {
		p.Handle = *handle
		p.Token = store.Token{ID: n.ID, Hint: n.Hint, Scope: *scope, Device: *device, Name: *name,
			CreatedAt: time.Unix(n.At.Unix(), 0).UTC(), ExpiresAt: moment(expires)}
	}
	return p, nil
}

// DisownGrant implements store.Grants.
func (s *Store) DisownGrant(ctx context.Context, who store.Actor, userCode store.Hash, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.disown_grant($1, $2)", userCode[:], at.Unix())
}
