package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

const userColumns = "u.id, u.handle, u.name, u.visibility, u.state = 2, u.created_at"

// accountColumns are what scanUser reads.
const accountColumns = userColumns + ", u.hidden"

func scanUser(row pgx.Row, u *store.User) error {
	var created int64
	err := row.Scan(&u.ID, &u.Handle, &u.Name, &u.Visibility, &u.Suspended, &created, &u.Hidden)
	u.CreatedAt = time.Unix(created, 0).UTC()
	return refusal(err)
}

// AddUser implements store.Accounts. It is the host's.
func (s *Store) AddUser(ctx context.Context, handle string, at time.Time) (store.User, error) {
	u := store.User{Handle: handle, CreatedAt: time.Unix(at.Unix(), 0).UTC()}
	err := s.pool.QueryRow(ctx, "SELECT tf.add_user($1, $2)", handle, at.Unix()).Scan(&u.ID)
	if err != nil {
		return store.User{}, refusal(err)
	}
	return u, nil
}

// UserByHandle implements store.Accounts. For the server's role there are public accounts alone.
func (s *Store) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.pool.QueryRow(ctx, "SELECT "+accountColumns+" FROM tf.users u WHERE u.handle = $1", handle), &u)
	return u, err
}

// PublicUser implements store.Boards.
func (s *Store) PublicUser(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.pool.QueryRow(ctx,
		"SELECT "+accountColumns+" FROM tf.users u WHERE u.handle = $1 AND u.visibility = 2 AND u.state = 0", handle), &u)
	return u, err
}

// OwnUser implements store.Accounts.
func (s *Store) OwnUser(ctx context.Context, who store.Actor) (store.User, error) {
	var u store.User
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		return scanUser(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM tf.users u WHERE u.id = $1", who.User), &u)
	})
	return u, err
}

// Users implements store.Accounts. It is the host's.
func (s *Store) Users(ctx context.Context) ([]store.User, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+accountColumns+" FROM tf.users u ORDER BY u.handle")
	return collect(rows, err, func(r pgx.Rows, u *store.User) error { return scanUser(r, u) })
}

// SetVisibility implements store.Accounts.
func (s *Store) SetVisibility(ctx context.Context, who store.Actor, v store.Visibility) error {
	return s.run(ctx, who, s.now(), "SELECT tf.set_visibility($1, NULL, $2)", int16(v), s.today())
}

// Rename implements store.Accounts.
func (s *Store) Rename(ctx context.Context, who store.Actor, handle string, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.rename($1, $2, $3, $4)", handle, at.Unix(), int64(store.HandleWait.Seconds()), int64(store.HandleHold.Seconds()))
}

// SetName implements store.Accounts.
func (s *Store) SetName(ctx context.Context, who store.Actor, name string) error {
	return s.run(ctx, who, s.now(), "SELECT tf.set_name($1)", name)
}

// SetHidden implements store.Accounts.
func (s *Store) SetHidden(ctx context.Context, who store.Actor, h store.Hidden) error {
	return s.run(ctx, who, s.now(), "SELECT tf.set_visibility(NULL, $1, $2)", int16(h), s.today())
}

// HiddenOf implements store.Accounts.
func (s *Store) HiddenOf(ctx context.Context, who store.Actor) (store.Hidden, error) {
	var h store.Hidden
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT hidden FROM tf.users WHERE id = $1", who.User).Scan(&h)
	})
	return h, err
}

func (s *Store) today() string { return s.now().UTC().Format(time.DateOnly) }
