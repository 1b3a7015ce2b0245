package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// AddToken implements store.Tokens. It is the host's; devices get theirs by a grant.
func (s *Store) AddToken(ctx context.Context, user int64, device string, n store.NewToken) (store.Token, error) {
	t := store.Token{ID: n.ID, Hint: n.Hint, Scope: n.Scope, CreatedAt: time.Unix(n.At.Unix(), 0).UTC(), ExpiresAt: n.Expires}
	err := s.hostAs(ctx, user, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT o_device, o_name FROM tf.add_token($1, $2, $3, $4, $5, $6, $7)",
			device, n.Secret[:], n.ID, n.Hint, n.Scope, n.At.Unix(), seconds(n.Expires)).Scan(&t.Device, &t.Name)
	})
	if err != nil {
		return store.Token{}, err
	}
	return t, nil
}

// MintToken implements store.Tokens.
func (s *Store) MintToken(ctx context.Context, who store.Actor, device string, n store.NewToken) (store.Token, error) {
	t := store.Token{ID: n.ID, Hint: n.Hint, Scope: n.Scope, CreatedAt: time.Unix(n.At.Unix(), 0).UTC(), ExpiresAt: n.Expires}
	err := s.as(ctx, who, n.At, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT o_device, o_name FROM tf.mint_own($1, $2, $3, $4, $5, $6, $7, $8, $9)", who.Key[:], int64(store.Fresh.Seconds()),
			device, n.Secret[:], n.ID, n.Hint, n.Scope, n.At.Unix(), seconds(n.Expires)).Scan(&t.Device, &t.Name)
	})
	if err != nil {
		return store.Token{}, err
	}
	return t, nil
}

// TokenActor implements store.Tokens.
func (s *Store) TokenActor(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	a := store.Actor{Key: secret}
	err := s.pool.QueryRow(ctx, "SELECT o_user, o_handle, o_visibility, o_device, o_name, o_id, o_scope FROM tf.token_actor($1, $2, $3)",
		secret[:], at.Unix(), at.UTC().Format(time.DateOnly)).
		Scan(&a.User, &a.Handle, &a.Visibility, &a.Device, &a.DeviceName, &a.TokenID, &a.Scope)
	if err != nil {
		return store.Actor{}, refusal(err)
	}
	return a, nil
}

// Sender implements store.Tokens. What is remembered goes when an upload finds the account otherwise.
func (s *Store) Sender(ctx context.Context, secret store.Hash, at time.Time) (store.Actor, error) {
	if who, known := s.recents.sender(secret, at.UTC().Format(time.DateOnly)); known {
		return who, nil
	}
	return s.TokenActor(ctx, secret, at)
}

// TokensOf implements store.Tokens.
func (s *Store) TokensOf(ctx context.Context, who store.Actor, at time.Time) ([]store.Token, error) {
	var all []store.Token
	err := s.as(ctx, who, at, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT t.id, t.hint, t.scope, t.device_id, d.name, t.created_at, coalesce(t.used_on, ''), t.expires_at
			FROM tf.tokens t JOIN tf.devices d ON d.id = t.device_id
			WHERE t.user_id = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
			ORDER BY t.created_at DESC, t.id`, who.User, at.Unix())
		all, err = collect(rows, err, scanToken)
		return err
	})
	return all, err
}

func scanToken(r pgx.Rows, t *store.Token) error {
	var created int64
	var expires *int64
	err := r.Scan(&t.ID, &t.Hint, &t.Scope, &t.Device, &t.Name, &created, &t.UsedOn, &expires)
	t.CreatedAt, t.ExpiresAt = time.Unix(created, 0).UTC(), moment(expires)
	return err
}

// RevokeToken implements store.Tokens. A secret that is not alive any more ends nothing, and is told nothing.
func (s *Store) RevokeToken(ctx context.Context, who store.Actor, id string, at time.Time) error {
	if who.User == 0 {
		return store.ErrNotFound
	}
	err := s.run(ctx, who, at, "SELECT tf.revoke_token($1, $2)", id, at.Unix())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
