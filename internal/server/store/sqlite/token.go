package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tokenflex.ing/internal/server/store"
)

// live is a token that can be used at the time bound to ?2.
const live = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)"

// AddToken implements store.Tokens.
func (s *Store) AddToken(ctx context.Context, user int64, device string, n store.NewToken) (store.Token, error) {
	var t store.Token
	err := s.as(ctx, user, func(tx *sql.Tx) error {
		d, err := namedDevice(ctx, tx, user, device, n.At)
		if err != nil {
			return err
		}
		t, err = addToken(ctx, tx, user, d, n)
		return err
	})
	return t, err
}

// MintToken implements store.Tokens.
func (s *Store) MintToken(ctx context.Context, who store.Actor, device string, n store.NewToken) (store.Token, error) {
	var may bool
	err := s.door.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sessions WHERE secret = ?1 AND user_id = ?2 AND created_at > ?3 - ?4)
		OR EXISTS (SELECT 1 FROM tokens WHERE secret = ?1 AND user_id = ?2 AND scope = ?5 AND revoked_at IS NULL AND expires_at > ?3)`,
		who.Key[:], who.User, n.At.Unix(), int64(store.Fresh.Seconds()), store.ScopeAccount).Scan(&may)
	if err == nil && !may {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Token{}, err
	}
	return s.AddToken(ctx, who.User, device, n)
}

// namedDevice returns the device of that name, or a new one; a device without a name is always new.
func namedDevice(ctx context.Context, tx *sql.Tx, user int64, name string, at time.Time) (store.Device, error) {
	if name == "" {
		return addDevice(ctx, tx, user, store.Device{Name: "device"}, at)
	}
	d := store.Device{Name: name}
	err := tx.QueryRowContext(ctx, "SELECT id FROM devices WHERE user_id = ? AND name = ?", user, name).Scan(&d.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return addDevice(ctx, tx, user, d, at)
	}
	return d, err
}

func addToken(ctx context.Context, tx *sql.Tx, user int64, d store.Device, n store.NewToken) (store.Token, error) {
	var held int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM tokens t WHERE t.user_id = ?1 AND "+live, user, n.At.Unix()).Scan(&held)
	if err != nil {
		return store.Token{}, err
	}
	if held >= store.MaxTokens {
		return store.Token{}, store.ErrTooMany
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO tokens (secret, id, user_id, device_id, hint, scope, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, n.Secret[:], n.ID, user, d.ID, n.Hint, n.Scope, n.At.Unix(), unixOrNull(n.Expires))
	if err != nil {
		return store.Token{}, err
	}
	t := store.Token{ID: n.ID, Hint: n.Hint, Scope: n.Scope, Device: d.ID, Name: d.Name,
		CreatedAt: time.Unix(n.At.Unix(), 0).UTC(), ExpiresAt: n.Expires}
	return t, note(ctx, tx, n.At, user, "token", n.ID)
}

// TokenActor implements store.Tokens.
func (s *Store) TokenActor(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	one, err := readSender(ctx, s.door, secret, at)
	if err != nil {
		return store.Actor{}, err
	}
	if one.day != at.UTC().Format(time.DateOnly) {
		return one.who, s.use(ctx, one.who, at)
	}
	return one.who, nil
}

// TokensOf implements store.Tokens.
func (s *Store) TokensOf(ctx context.Context, who store.Actor, at time.Time) ([]store.Token, error) {
	rows, err := s.door.QueryContext(ctx, `SELECT t.id, t.hint, t.scope, t.device_id, d.name, t.created_at, coalesce(t.used_on, ''), t.expires_at
		FROM tokens t JOIN devices d ON d.id = t.device_id
		WHERE t.user_id = ?1 AND `+live+" ORDER BY t.created_at DESC, t.id", who.User, at.Unix())
	return collect(rows, err, func(r *sql.Rows, t *store.Token) error {
		var created int64
		var expires sql.NullInt64
		err := r.Scan(&t.ID, &t.Hint, &t.Scope, &t.Device, &t.Name, &created, &t.UsedOn, &expires)
		t.CreatedAt, t.ExpiresAt = time.Unix(created, 0).UTC(), timeOrZero(expires)
		return err
	})
}

// RevokeToken implements store.Tokens.
func (s *Store) RevokeToken(ctx context.Context, who store.Actor, id string, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "UPDATE tokens SET revoked_at = ? WHERE user_id = ? AND id = ? AND revoked_at IS NULL", at.Unix(), who.User, id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); n == 0 {
			return err
		}
		return note(ctx, tx, at, who.User, "revoke", id)
	})
}

func unixOrNull(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.Unix(), Valid: !t.IsZero()}
}

func timeOrZero(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(n.Int64, 0).UTC()
}
