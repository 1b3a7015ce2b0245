package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

const userColumns = "u.id, u.handle, u.visibility, u.state = 2, u.created_at"

func scanUser(row interface{ Scan(...any) error }, u *store.User) error {
	var created int64
	err := row.Scan(&u.ID, &u.Handle, &u.Visibility, &u.Suspended, &created)
	u.CreatedAt = time.Unix(created, 0).UTC()
	return notFound(err)
}

// AddUser implements store.Accounts.
func (s *Store) AddUser(ctx context.Context, handle string, at time.Time) (store.User, error) {
	var u store.User
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "INSERT INTO users (handle, created_at) VALUES (?, ?)", handle, at.Unix())
		if duplicate(err) {
			return store.ErrTaken
		}
		if err != nil {
			return err
		}
		u = store.User{Handle: handle, CreatedAt: time.Unix(at.Unix(), 0).UTC()}
		u.ID, err = r.LastInsertId()
		if err != nil {
			return err
		}
		return note(ctx, tx, at, u.ID, "account", "")
	})
	return u, err
}

// UserByHandle implements store.Accounts.
func (s *Store) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.reader.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users u WHERE u.handle = ?", handle), &u)
	return u, err
}

// PublicUser implements store.Boards.
func (s *Store) PublicUser(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.reader.QueryRowContext(ctx,
		"SELECT "+userColumns+" FROM users u WHERE u.handle = ? AND u.visibility = 2 AND u.state = 0", handle), &u)
	return u, err
}

// Users implements store.Accounts.
func (s *Store) Users(ctx context.Context) ([]store.User, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+userColumns+" FROM users u ORDER BY u.handle")
	return collect(rows, err, func(r *sql.Rows, u *store.User) error { return scanUser(r, u) })
}

// SetVisibility implements store.Accounts.
func (s *Store) SetVisibility(ctx context.Context, who store.Actor, v store.Visibility) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE users SET visibility = ? WHERE id = ?", v, who.User); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE score SET visibility = (SELECT CASE state WHEN 0 THEN visibility ELSE -1 END
			FROM users WHERE id = ?1) WHERE user_id = ?1`, who.User)
		return err
	})
}

// note writes a line of the audit, which nothing can change afterwards.
func note(ctx context.Context, tx *sql.Tx, at time.Time, user int64, action, detail string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO audit (at, user_id, action, detail) VALUES (?, ?, ?, ?)", at.Unix(), user, action, detail)
	return err
}
