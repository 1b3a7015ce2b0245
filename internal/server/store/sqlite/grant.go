package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tokenflex.ing/internal/server/store"
)

// AddGrant implements store.Grants.
func (s *Store) AddGrant(ctx context.Context, g store.Grant, limit store.GrantLimit) error {
	return s.anonymous(ctx, func(tx *sql.Tx) error {
		// An hour after their end nobody asks for them any more.
		if _, err := tx.ExecContext(ctx, "DELETE FROM device_grants WHERE expires_at <= ?", g.At.Add(-time.Hour).Unix()); err != nil {
			return err
		}
		var near, around int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE address = ?), count(*) FROM device_grants
			WHERE network = ? AND expires_at > ? AND state IN ('pending', 'approved')`, g.Address, g.Network, g.At.Unix()).Scan(&near, &around)
		if err != nil {
			return err
		}
		if near >= limit.Address || around >= limit.Network {
			return store.ErrTooMany
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO device_grants
			(device_code, user_code, name, os, client, scope, address, network, created_at, expires_at, interval_s, next_poll_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`, g.DeviceCode[:], g.UserCode[:], g.Name, g.OS, g.Client, g.Scope,
			g.Address, g.Network, g.At.Unix(), g.Expires.Unix(), int64(g.Interval.Seconds()))
		if duplicate(err) {
			return store.ErrTaken
		}
		return err
	})
}

// Grant implements store.Grants.
func (s *Store) Grant(ctx context.Context, userCode store.Hash, at time.Time) (store.Grant, error) {
	g := store.Grant{UserCode: userCode}
	var created, expires, interval int64
	err := s.door.QueryRowContext(ctx, `SELECT name, os, client, scope, address, network, created_at, expires_at, interval_s
		FROM device_grants WHERE user_code = ? AND state = 'pending' AND expires_at > ?`, userCode[:], at.Unix()).
		Scan(&g.Name, &g.OS, &g.Client, &g.Scope, &g.Address, &g.Network, &created, &expires, &interval)
	g.At, g.Expires, g.Interval = time.Unix(created, 0).UTC(), time.Unix(expires, 0).UTC(), time.Duration(interval)*time.Second
	return g, notFound(err)
}

// DecideGrant implements store.Grants.
func (s *Store) DecideGrant(ctx context.Context, who store.Actor, userCode store.Hash, approve bool, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		if !approve {
			return touched(tx.ExecContext(ctx, `UPDATE device_grants SET state = 'denied'
				WHERE user_code = ? AND state = 'pending' AND expires_at > ?`, userCode[:], at.Unix()))
		}
		err := touched(tx.ExecContext(ctx, `UPDATE device_grants SET state = 'approved', user_id = ?
			WHERE user_code = ? AND state = 'pending' AND expires_at > ?`, who.User, userCode[:], at.Unix()))
		if err != nil {
			return err
		}
		return note(ctx, tx, at, who.User, "approve device", "")
	})
}

// found is a grant as a poll finds it.
type found struct {
	device   store.Device
	scope    string
	expires  int64 // seconds
	interval int64 // seconds
	next     int64 // milliseconds
	state    string
	user     int64
	handle   string
}

// PollGrant implements store.Grants. The writer's one connection makes parallel polls wait for each other.
func (s *Store) PollGrant(ctx context.Context, deviceCode store.Hash, n store.NewToken) (store.Poll, error) {
	var p store.Poll
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		f, err := findGrant(ctx, tx, deviceCode)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		p.State = f.answer(n.At)
		if p.State != store.GrantMinted {
			return f.wait(ctx, tx, deviceCode, p.State, n.At)
		}
		p.Handle = f.handle
		return s.become(ctx, tx, f.user, func(tx *sql.Tx) error {
			p.Token, err = f.consume(ctx, tx, deviceCode, n)
			return err
		})
	})
	return p, err
}

func findGrant(ctx context.Context, tx *sql.Tx, deviceCode store.Hash) (found, error) {
	var f found
	err := tx.QueryRowContext(ctx, `SELECT g.name, g.os, g.client, g.scope, g.expires_at, g.interval_s, g.next_poll_at, g.state,
		coalesce(g.user_id, 0), coalesce(u.handle, '')
		FROM device_grants g LEFT JOIN users u ON u.id = g.user_id WHERE g.device_code = ?`, deviceCode[:]).
		Scan(&f.device.Name, &f.device.OS, &f.device.Client, &f.scope, &f.expires, &f.interval, &f.next, &f.state, &f.user, &f.handle)
	return f, err
}

// answer is what the poll is told. A decision comes before the pace: nobody waits for what is already known.
func (f found) answer(at time.Time) store.GrantState {
	switch {
	case f.state == "consumed":
		return store.GrantUnknown
	case f.expires <= at.Unix():
		return store.GrantExpired
	case f.state == "approved":
		return store.GrantMinted
	case f.state == "denied":
		return store.GrantDenied
	case f.next > at.UnixMilli():
		return store.GrantTooSoon
	}
	return store.GrantPending
}

// wait notes when the device may ask again.
func (f found) wait(ctx context.Context, tx *sql.Tx, deviceCode store.Hash, s store.GrantState, at time.Time) error {
	if s != store.GrantPending && s != store.GrantTooSoon {
		return nil
	}
	interval := f.interval
	if s == store.GrantTooSoon {
		interval += int64(store.SlowDown.Seconds())
	}
	_, err := tx.ExecContext(ctx, "UPDATE device_grants SET interval_s = ?, next_poll_at = ? WHERE device_code = ?",
		interval, at.UnixMilli()+interval*1000, deviceCode[:])
	return err
}

func (f found) consume(ctx context.Context, tx *sql.Tx, deviceCode store.Hash, n store.NewToken) (store.Token, error) {
	err := touched(tx.ExecContext(ctx, "UPDATE device_grants SET state = 'consumed', token_id = ? WHERE device_code = ? AND state = 'approved'", n.ID, deviceCode[:]))
	if err != nil {
		return store.Token{}, err
	}
	n.Scope = f.scope
	if f.scope == store.ScopeAccount { // it is a device's for a few minutes, whoever is signed in there
		if end := n.At.Add(store.AccountLife); n.Expires.IsZero() || end.Before(n.Expires) {
			n.Expires = time.Unix(end.Unix(), 0).UTC()
		}
		d, err := namedDevice(ctx, tx, f.user, f.device.Name, n.At)
		if err != nil {
			return store.Token{}, err
		}
		return addToken(ctx, tx, f.user, d, n)
	}
	d, err := returningDevice(ctx, tx, f.user, f.device, n.At)
	if err != nil {
		return store.Token{}, err
	}
	return addToken(ctx, tx, f.user, d, n)
}

// DisownGrant implements store.Grants.
func (s *Store) DisownGrant(ctx context.Context, who store.Actor, userCode store.Hash, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		var token sql.NullString
		err := tx.QueryRowContext(ctx, `UPDATE device_grants SET state = 'denied' WHERE user_code = ? AND user_id = ? AND state IN ('approved', 'consumed')
			RETURNING token_id`, userCode[:], who.User).Scan(&token)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE tokens SET revoked_at = ? WHERE user_id = ? AND id = ? AND revoked_at IS NULL", at.Unix(), who.User, token)
		if err != nil {
			return err
		}
		return note(ctx, tx, at, who.User, "disown device", token.String)
	})
}
