package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// AddInvite implements store.SignIns. It is the host's.
func (s *Store) AddInvite(ctx context.Context, user int64, secret store.Hash, at, expires time.Time) error {
	return s.hostAs(ctx, user, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT tf.add_invite($1, $2, $3)", secret[:], at.Unix(), expires.Unix())
		return err
	})
}

// Invite implements store.SignIns.
func (s *Store) Invite(ctx context.Context, secret store.Hash, at time.Time) (store.Invite, error) {
	var i store.Invite
	var created, expires int64
	err := s.pool.QueryRow(ctx, "SELECT o_user, o_handle, o_visibility, o_created, o_expires, o_new FROM tf.invite($1, $2)", secret[:], at.Unix()).
		Scan(&i.User.ID, &i.User.Handle, &i.User.Visibility, &created, &expires, &i.New)
	if err != nil {
		return store.Invite{}, refusal(err)
	}
	i.User.CreatedAt, i.ExpiresAt = time.Unix(created, 0).UTC(), time.Unix(expires, 0).UTC()
	return i, nil
}

// SignIn implements store.SignIns.
func (s *Store) SignIn(ctx context.Context, link store.Hash, n store.Session) (store.User, error) {
	return s.signIn(ctx, "SELECT o_user, o_handle, o_visibility, o_created FROM tf.sign_in($1, $2, $3, $4, $5, $6, $7, $8)", n, link[:])
}

// signIn calls a door that opens a session. The door takes what is proved, and then the session.
func (s *Store) signIn(ctx context.Context, door string, n store.Session, proof ...any) (store.User, error) {
	var u store.User
	var created int64
	err := s.pool.QueryRow(ctx, door, append(proof, sessionArgs(n)...)...).Scan(&u.ID, &u.Handle, &u.Visibility, &created)
	if err != nil {
		return store.User{}, refusal(err)
	}
	u.CreatedAt = time.Unix(created, 0).UTC()
	return u, nil
}

func sessionArgs(n store.Session) []any {
	return []any{n.Secret[:], n.ID, n.Way, n.Agent, n.At.Unix(), n.Expires.Unix(), int64(n.Idle.Seconds())}
}

// SessionActor implements store.SignIns.
func (s *Store) SessionActor(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	a := store.Actor{Key: secret}
	var since int64
	err := s.pool.QueryRow(ctx, "SELECT o_user, o_handle, o_visibility, o_since, o_id FROM tf.session_actor($1, $2)", secret[:], at.Unix()).
		Scan(&a.User, &a.Handle, &a.Visibility, &since, &a.Session)
	if err != nil {
		return store.Actor{}, refusal(err)
	}
	a.Since = time.Unix(since, 0).UTC()
	return a, nil
}

// SignOut implements store.SignIns. A session that is not the actor's, or has ended, is let be.
func (s *Store) SignOut(ctx context.Context, who store.Actor) error {
	if who.User == 0 {
		return store.ErrNotFound
	}
	err := s.run(ctx, who, s.now(), "SELECT tf.sign_out($1)", who.Key[:])
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// SessionsOf implements store.SignIns.
func (s *Store) SessionsOf(ctx context.Context, who store.Actor, at time.Time) ([]store.OpenSession, error) {
	var all []store.OpenSession
	err := s.as(ctx, who, at, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, way, agent, created_at, seen_at, expires_at FROM tf.sessions
			WHERE user_id = $1 AND expires_at > $2 AND seen_at + idle_s > $2 ORDER BY seen_at DESC, created_at DESC, id`, who.User, at.Unix())
		all, err = collect(rows, err, func(r pgx.Rows, o *store.OpenSession) error {
			var created, seen, expires int64
			err := r.Scan(&o.ID, &o.Way, &o.Agent, &created, &seen, &expires)
			o.At, o.SeenAt, o.Expires = time.Unix(created, 0).UTC(), time.Unix(seen, 0).UTC(), time.Unix(expires, 0).UTC()
			return err
		})
		return err
	})
	return all, err
}

// EndSession implements store.SignIns.
func (s *Store) EndSession(ctx context.Context, who store.Actor, id string, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.end_session($1, $2)", id, at.Unix())
}

// EndOtherSessions implements store.SignIns.
func (s *Store) EndOtherSessions(ctx context.Context, who store.Actor, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.end_other_sessions($1, $2)", who.Key[:], at.Unix())
}
