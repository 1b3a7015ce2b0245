package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tokenflex.ing/internal/server/store"
)

// Spend implements store.Ways.
func (s *Store) Spend(ctx context.Context, challenge store.Hash, until, at time.Time) error {
	return s.anonymous(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM spent WHERE until <= ?", at.Unix()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO spent VALUES (?, ?)", challenge[:], until.Unix())
		if duplicate(err) {
			return store.ErrSpent
		}
		return err
	})
}

// SignInBy implements store.Ways.
func (s *Store) SignInBy(ctx context.Context, identity store.Hash, n store.Session) (store.User, error) {
	return s.signInAs(ctx, n, "SELECT user_id FROM identities WHERE key = ?", identity[:], func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE identities SET used_on = ? WHERE key = ?", n.At.UTC().Format(time.DateOnly), identity[:])
		return err
	})
}

// signInAs opens a session of the account that the query finds, after noting how.
func (s *Store) signInAs(ctx context.Context, n store.Session, query string, key []byte, use func(tx *sql.Tx) error) (store.User, error) {
	var u store.User
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		err := scanUser(tx.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM users u WHERE u.id = ("+query+")", key), &u)
		if err == nil && u.Suspended {
			err = store.ErrSuspended
		}
		if err != nil {
			return err
		}
		return s.become(ctx, tx, u.ID, func(tx *sql.Tx) error {
			if err := use(tx); err != nil {
				return err
			}
			return openSession(ctx, tx, u.ID, n)
		})
	})
	if err != nil {
		return store.User{}, err
	}
	return u, nil
}

// SignUp implements store.Ways.
func (s *Store) SignUp(ctx context.Context, handle string, i store.Identity, n store.Session) (store.User, error) {
	var u store.User
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		owner, err := ownerOf(ctx, tx, i.Key)
		if err == nil && owner != 0 {
			err = store.ErrSpent
		}
		if err != nil {
			return err
		}
		if u, err = addUser(ctx, tx, handle, n.At); err != nil {
			return err
		}
		i.UsedOn = n.At.UTC().Format(time.DateOnly)
		return s.become(ctx, tx, u.ID, func(tx *sql.Tx) error {
			if err := addIdentity(ctx, tx, u.ID, i, n.At); err != nil {
				return err
			}
			return openSession(ctx, tx, u.ID, n)
		})
	})
	if err != nil {
		return store.User{}, err
	}
	return u, nil
}

// ownerOf returns whose account the identity opens; 0: nobody's.
func ownerOf(ctx context.Context, tx *sql.Tx, key store.Hash) (int64, error) {
	var owner int64
	err := tx.QueryRowContext(ctx, "SELECT user_id FROM identities WHERE key = ?", key[:]).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return owner, err
}

func addIdentity(ctx context.Context, tx *sql.Tx, user int64, i store.Identity, at time.Time) error {
	used := sql.NullString{String: i.UsedOn, Valid: i.UsedOn != ""}
	_, err := tx.ExecContext(ctx, "INSERT INTO identities (key, id, user_id, issuer, created_at, used_on) VALUES (?, ?, ?, ?, ?, ?)",
		i.Key[:], i.ID, user, i.Issuer, at.Unix(), used)
	return err
}

// LinkIdentity implements store.Ways.
func (s *Store) LinkIdentity(ctx context.Context, who store.Actor, i store.Identity, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		owner, err := ownerOf(ctx, tx, i.Key)
		if err != nil || owner == who.User {
			return err
		}
		if owner != 0 {
			return store.ErrTaken
		}
		if err := fewer(ctx, tx, "SELECT count(*) FROM identities WHERE user_id = ?", who.User, store.MaxIdentities); err != nil {
			return err
		}
		if err := addIdentity(ctx, tx, who.User, i, at); err != nil {
			return err
		}
		return note(ctx, tx, at, who.User, "link", i.Issuer)
	})
}

// fewer returns ErrTooMany unless the query counts fewer than the limit.
func fewer(ctx context.Context, tx *sql.Tx, query string, user int64, limit int) error {
	var n int
	err := tx.QueryRowContext(ctx, query, user).Scan(&n)
	if err == nil && n >= limit {
		err = store.ErrTooMany
	}
	return err
}

// IdentitiesOf implements store.Ways.
func (s *Store) IdentitiesOf(ctx context.Context, who store.Actor) ([]store.Identity, error) {
	rows, err := s.door.QueryContext(ctx, `SELECT id, issuer, created_at, coalesce(used_on, '') FROM identities
		WHERE user_id = ? ORDER BY created_at, id`, who.User)
	return collect(rows, err, func(r *sql.Rows, i *store.Identity) error {
		var created int64
		err := r.Scan(&i.ID, &i.Issuer, &created, &i.UsedOn)
		i.CreatedAt = time.Unix(created, 0).UTC()
		return err
	})
}

// AddPasskey implements store.Ways.
func (s *Store) AddPasskey(ctx context.Context, who store.Actor, p store.Passkey) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		if err := fewer(ctx, tx, "SELECT count(*) FROM passkeys WHERE user_id = ?", who.User, store.MaxPasskeys); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO passkeys (credential, id, user_id, name, public_key, aaguid, transports, flags, counter, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.Credential, p.ID, who.User, p.Name, p.PublicKey, p.AAGUID, p.Transports, p.Flags, p.Counter, p.CreatedAt.Unix())
		if duplicate(err) {
			return store.ErrTaken
		}
		if err != nil {
			return err
		}
		return note(ctx, tx, p.CreatedAt, who.User, "passkey", p.ID)
	})
}

// PasskeysOf implements store.Ways.
func (s *Store) PasskeysOf(ctx context.Context, who store.Actor) ([]store.Passkey, error) {
	rows, err := s.door.QueryContext(ctx, `SELECT credential, id, user_id, name, created_at, coalesce(used_on, '') FROM passkeys
		WHERE user_id = ? ORDER BY created_at, id`, who.User)
	return collect(rows, err, func(r *sql.Rows, p *store.Passkey) error {
		var created int64
		err := r.Scan(&p.Credential, &p.ID, &p.User, &p.Name, &created, &p.UsedOn)
		p.CreatedAt = time.Unix(created, 0).UTC()
		return err
	})
}

// Passkey implements store.Ways.
func (s *Store) Passkey(ctx context.Context, credential []byte) (store.Passkey, error) {
	p := store.Passkey{Credential: credential}
	var created int64
	err := s.door.QueryRowContext(ctx, `SELECT id, user_id, name, public_key, aaguid, transports, flags, counter, created_at, coalesce(used_on, '')
		FROM passkeys WHERE credential = ?`, credential).
		Scan(&p.ID, &p.User, &p.Name, &p.PublicKey, &p.AAGUID, &p.Transports, &p.Flags, &p.Counter, &created, &p.UsedOn)
	if err != nil {
		return store.Passkey{}, notFound(err)
	}
	p.CreatedAt = time.Unix(created, 0).UTC()
	return p, nil
}

// SignInByPasskey implements store.Ways.
func (s *Store) SignInByPasskey(ctx context.Context, p store.Passkey, n store.Session) (store.User, error) {
	return s.signInAs(ctx, n, "SELECT user_id FROM passkeys WHERE credential = ?", p.Credential, func(tx *sql.Tx) error {
		// A counter that stands still is of an authenticator that does not count; one that goes back is a copy's.
		err := touched(tx.ExecContext(ctx, `UPDATE passkeys SET used_on = ?1, flags = ?2, counter = ?3
			WHERE credential = ?4 AND (counter < ?3 OR counter = 0 AND ?3 = 0)`, n.At.UTC().Format(time.DateOnly), p.Flags, p.Counter, p.Credential))
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrSpent
		}
		return err
	})
}

// RemoveWay implements store.Ways.
func (s *Store) RemoveWay(ctx context.Context, who store.Actor, id string, issuers []string, passkeys bool, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		found, left, err := waysBut(ctx, tx, who.User, id, issuers, passkeys)
		switch {
		case err != nil:
			return err
		case !found:
			return store.ErrNotFound
		case left == 0:
			return store.ErrLast
		}
		for _, query := range []string{"DELETE FROM identities WHERE user_id = ? AND id = ?", "DELETE FROM passkeys WHERE user_id = ? AND id = ?"} {
			if _, err := tx.ExecContext(ctx, query, who.User, id); err != nil {
				return err
			}
		}
		return note(ctx, tx, at, who.User, "unlink", id)
	})
}

// waysBut reports whether the user has the way with that id, and how many others there are that can be used.
func waysBut(ctx context.Context, tx *sql.Tx, user int64, id string, issuers []string, passkeys bool) (found bool, left int, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, issuer FROM identities WHERE user_id = ?1
		UNION ALL SELECT id, '' FROM passkeys WHERE user_id = ?1`, user)
	type way struct{ id, issuer string }
	all, err := collect(rows, err, func(r *sql.Rows, w *way) error { return r.Scan(&w.id, &w.issuer) })
	if err != nil {
		return false, 0, err
	}
	on := map[string]bool{"": passkeys}
	for _, i := range issuers {
		on[i] = true
	}
	for _, w := range all {
		if w.id == id {
			found = true
		} else if on[w.issuer] {
			left++
		}
	}
	return found, left, nil
}
