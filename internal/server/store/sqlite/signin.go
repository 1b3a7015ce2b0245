package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tokenflex.ing/internal/server/store"
)

// AddInvite implements store.SignIns.
func (s *Store) AddInvite(ctx context.Context, user int64, secret store.Hash, at, expires time.Time) error {
	return s.as(ctx, user, func(tx *sql.Tx) error {
		// Links that can no longer be used are of no use to anybody but a thief of the file.
		if _, err := tx.ExecContext(ctx, "DELETE FROM invites WHERE user_id = ? AND expires_at <= ?", user, at.Unix()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO invites (secret, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
			secret[:], user, at.Unix(), expires.Unix())
		if err != nil {
			return err
		}
		return note(ctx, tx, at, user, "invite", "")
	})
}

// Invite implements store.SignIns.
func (s *Store) Invite(ctx context.Context, secret store.Hash, at time.Time) (store.Invite, error) {
	return invite(ctx, s.door, secret, at)
}

func invite(ctx context.Context, q querier, secret store.Hash, at time.Time) (store.Invite, error) {
	var i store.Invite
	var created, expires int64
	err := q.QueryRowContext(ctx, "SELECT "+userColumns+`, i.expires_at,
		NOT EXISTS (SELECT 1 FROM invites j WHERE j.user_id = u.id AND j.used_at IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id)
		FROM invites i JOIN users u ON u.id = i.user_id
		WHERE i.secret = ? AND i.used_at IS NULL AND i.expires_at > ? AND u.state <> 2`, secret[:], at.Unix()).
		Scan(&i.User.ID, &i.User.Handle, &i.User.Name, &i.User.Visibility, &i.User.Suspended, &created, &expires, &i.New)
	if errors.Is(err, sql.ErrNoRows) {
		return i, store.ErrSpent
	}
	i.User.CreatedAt, i.ExpiresAt = time.Unix(created, 0).UTC(), time.Unix(expires, 0).UTC()
	return i, err
}

// querier is a handle or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// SignIn implements store.SignIns.
func (s *Store) SignIn(ctx context.Context, link store.Hash, n store.Session) (store.User, error) {
	var u store.User
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		i, err := invite(ctx, tx, link, n.At)
		if err != nil {
			return err
		}
		u = i.User
		return s.become(ctx, tx, u.ID, func(tx *sql.Tx) error { return signIn(ctx, tx, u.ID, link, n) })
	})
	return u, err
}

func signIn(ctx context.Context, tx *sql.Tx, user int64, link store.Hash, n store.Session) error {
	if _, err := tx.ExecContext(ctx, "UPDATE invites SET used_at = ? WHERE secret = ?", n.At.Unix(), link[:]); err != nil {
		return err
	}
	return openSession(ctx, tx, user, n)
}

// openSession opens a session; what is over of the user's goes.
func openSession(ctx context.Context, tx *sql.Tx, user int64, n store.Session) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = ? AND (expires_at <= ?2 OR seen_at + idle_s <= ?2)", user, n.At.Unix()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (secret, user_id, created_at, seen_at, expires_at, idle_s, id, way, agent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, n.Secret[:], user, n.At.Unix(), n.At.Unix(), n.Expires.Unix(), int64(n.Idle.Seconds()), n.ID, n.Way, n.Agent)
	return err
}

// SessionActor implements store.SignIns.
func (s *Store) SessionActor(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	a := store.Actor{Key: secret}
	var created, seen int64
	err := s.door.QueryRowContext(ctx, `SELECT u.id, u.handle, u.visibility, s.id, s.created_at, s.seen_at
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.secret = ? AND s.expires_at > ?2 AND s.seen_at + s.idle_s > ?2 AND u.state <> 2`, secret[:], at.Unix()).
		Scan(&a.User, &a.Handle, &a.Visibility, &a.Session, &created, &seen)
	if err != nil {
		return store.Actor{}, notFound(err)
	}
	a.Since = time.Unix(created, 0).UTC()
	if at.Sub(time.Unix(seen, 0)) < time.Hour { // a write an hour is enough to tell idle from used
		return a, nil
	}
	return a, s.touch(ctx, a.User, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE sessions SET seen_at = ? WHERE secret = ?", at.Unix(), secret[:])
		return err
	})
}

// SignOut implements store.SignIns.
func (s *Store) SignOut(ctx context.Context, who store.Actor) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE secret = ? AND user_id = ?", who.Key[:], who.User)
		return err
	})
}

// SessionsOf implements store.SignIns.
func (s *Store) SessionsOf(ctx context.Context, who store.Actor, at time.Time) ([]store.OpenSession, error) {
	rows, err := s.door.QueryContext(ctx, `SELECT id, way, agent, created_at, seen_at, expires_at FROM sessions
		WHERE user_id = ?1 AND expires_at > ?2 AND seen_at + idle_s > ?2 ORDER BY seen_at DESC, created_at DESC, id`, who.User, at.Unix())
	return collect(rows, err, func(r *sql.Rows, o *store.OpenSession) error {
		var created, seen, expires int64
		err := r.Scan(&o.ID, &o.Way, &o.Agent, &created, &seen, &expires)
		o.At, o.SeenAt, o.Expires = time.Unix(created, 0).UTC(), time.Unix(seen, 0).UTC(), time.Unix(expires, 0).UTC()
		return err
	})
}

// EndSession implements store.SignIns.
func (s *Store) EndSession(ctx context.Context, who store.Actor, id string, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = ? AND id = ?", who.User, id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); n == 0 {
			return err
		}
		return note(ctx, tx, at, who.User, "end session", "")
	})
}

// EndOtherSessions implements store.SignIns.
func (s *Store) EndOtherSessions(ctx context.Context, who store.Actor, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = ? AND secret <> ?", who.User, who.Key[:]); err != nil {
			return err
		}
		return note(ctx, tx, at, who.User, "end other sessions", "")
	})
}
