package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// Spend implements store.Ways.
func (s *Store) Spend(ctx context.Context, challenge store.Hash, until, at time.Time) error {
	_, err := s.pool.Exec(ctx, "SELECT tf.spend($1, $2, $3)", challenge[:], until.Unix(), at.Unix())
	return refusal(err)
}

// SignInBy implements store.Ways.
func (s *Store) SignInBy(ctx context.Context, identity store.Hash, n store.Session) (store.User, error) {
	return s.signIn(ctx, "SELECT o_user, o_handle, o_visibility, o_created FROM tf.sign_in_by($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		n, identity[:], today(n.At))
}

func today(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// SignUp implements store.Ways.
func (s *Store) SignUp(ctx context.Context, handle string, i store.Identity, n store.Session) (store.User, error) {
	u := store.User{Handle: handle, CreatedAt: time.Unix(n.At.Unix(), 0).UTC()}
	args := append([]any{handle, i.Key[:], i.ID, i.Issuer, today(n.At)}, sessionArgs(n)...)
	err := s.pool.QueryRow(ctx, "SELECT tf.sign_up($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", args...).Scan(&u.ID)
	if err != nil {
		return store.User{}, refusal(err)
	}
	return u, nil
}

// LinkIdentity implements store.Ways.
func (s *Store) LinkIdentity(ctx context.Context, who store.Actor, i store.Identity, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.link_identity($1, $2, $3, $4)", i.Key[:], i.ID, i.Issuer, at.Unix())
}

// IdentitiesOf implements store.Ways.
func (s *Store) IdentitiesOf(ctx context.Context, who store.Actor) ([]store.Identity, error) {
	var all []store.Identity
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, issuer, created_at, coalesce(used_on, '') FROM tf.identities
			WHERE user_id = $1 ORDER BY created_at, id`, who.User)
		all, err = collect(rows, err, func(r pgx.Rows, i *store.Identity) error {
			var created int64
			err := r.Scan(&i.ID, &i.Issuer, &created, &i.UsedOn)
			i.CreatedAt = time.Unix(created, 0).UTC()
			return err
		})
		return err
	})
	return all, err
}

// AddPasskey implements store.Ways.
func (s *Store) AddPasskey(ctx context.Context, who store.Actor, p store.Passkey) error {
	return s.run(ctx, who, p.CreatedAt, "SELECT tf.add_passkey($1, $2, $3, $4, $5, $6, $7, $8, $9)", p.Credential, p.ID, p.Name, p.PublicKey, p.AAGUID,
		p.Transports, int64(p.Flags), int64(p.Counter), p.CreatedAt.Unix())
}

// PasskeysOf implements store.Ways.
func (s *Store) PasskeysOf(ctx context.Context, who store.Actor) ([]store.Passkey, error) {
	var all []store.Passkey
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT c.o_credential, p.id, p.user_id, p.name, p.created_at, coalesce(p.used_on, '')
			FROM tf.own_credentials() c JOIN tf.passkeys p ON p.id = c.o_id WHERE p.user_id = $1 ORDER BY p.created_at, p.id`, who.User)
		all, err = collect(rows, err, func(r pgx.Rows, p *store.Passkey) error {
			var created int64
			err := r.Scan(&p.Credential, &p.ID, &p.User, &p.Name, &created, &p.UsedOn)
			p.CreatedAt = time.Unix(created, 0).UTC()
			return err
		})
		return err
	})
	return all, err
}

// Passkey implements store.Ways.
func (s *Store) Passkey(ctx context.Context, credential []byte) (store.Passkey, error) {
	p := store.Passkey{Credential: credential}
	var flags, counter, created int64
	err := s.pool.QueryRow(ctx, `SELECT o_user, o_id, o_name, o_public_key, o_aaguid, o_transports, o_flags, o_counter, o_created, o_used
		FROM tf.passkey($1)`, credential).
		Scan(&p.User, &p.ID, &p.Name, &p.PublicKey, &p.AAGUID, &p.Transports, &flags, &counter, &created, &p.UsedOn)
	if err != nil {
		return store.Passkey{}, refusal(err)
	}
	p.Flags, p.Counter, p.CreatedAt = uint8(flags), uint32(counter), time.Unix(created, 0).UTC()
	return p, nil
}

// SignInByPasskey implements store.Ways.
func (s *Store) SignInByPasskey(ctx context.Context, p store.Passkey, n store.Session) (store.User, error) {
	return s.signIn(ctx, "SELECT o_user, o_handle, o_visibility, o_created FROM tf.sign_in_by_passkey($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		n, p.Credential, int64(p.Flags), int64(p.Counter), today(n.At))
}

// RemoveWay implements store.Ways.
func (s *Store) RemoveWay(ctx context.Context, who store.Actor, id string, issuers []string, passkeys bool, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.remove_way($1, $2, $3, $4)", id, issuers, passkeys, at.Unix())
}
