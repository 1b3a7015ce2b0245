package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

const userColumns = "u.id, u.handle, u.name, u.visibility, u.state = 2, u.created_at"

// accountColumns are what scanUser reads.
const accountColumns = userColumns + ", u.hidden"

func scanUser(row interface{ Scan(...any) error }, u *store.User) error {
	var created int64
	err := row.Scan(&u.ID, &u.Handle, &u.Name, &u.Visibility, &u.Suspended, &created, &u.Hidden)
	u.CreatedAt = time.Unix(created, 0).UTC()
	return notFound(err)
}

// AddUser implements store.Accounts.
func (s *Store) AddUser(ctx context.Context, handle string, at time.Time) (store.User, error) {
	var u store.User
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		var err error
		u, err = addUser(ctx, tx, handle, at)
		return err
	})
	return u, err
}

func addUser(ctx context.Context, tx *sql.Tx, handle string, at time.Time) (store.User, error) {
	if err := handleFree(ctx, tx, handle, 0, at); err != nil {
		return store.User{}, err
	}
	r, err := tx.ExecContext(ctx, "INSERT INTO users (handle, created_at) VALUES (?, ?)", handle, at.Unix())
	if duplicate(err) {
		return store.User{}, store.ErrTaken
	}
	if err != nil {
		return store.User{}, err
	}
	u := store.User{Handle: handle, CreatedAt: time.Unix(at.Unix(), 0).UTC()}
	if u.ID, err = r.LastInsertId(); err != nil {
		return store.User{}, err
	}
	return u, note(ctx, tx, at, u.ID, "account", "")
}

// handleFree returns ErrTaken if somebody else gave the handle up less than its time ago.
func handleFree(ctx context.Context, tx *sql.Tx, handle string, user int64, at time.Time) error {
	h := store.HashOf(handle)
	var held bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM held_handles WHERE handle = ? AND until > ? AND by_user <> ?)",
		h[:], at.Unix(), user).Scan(&held)
	if err == nil && held {
		err = store.ErrTaken
	}
	return err
}

// Rename implements store.Accounts.
func (s *Store) Rename(ctx context.Context, who store.Actor, handle string, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		var old string
		var last sql.NullInt64
		err := tx.QueryRowContext(ctx, "SELECT handle, renamed_at FROM users WHERE id = ?", who.User).Scan(&old, &last)
		switch {
		case err != nil:
			return notFound(err)
		case old == handle:
			return nil
		case last.Valid && at.Sub(timeOrZero(last)) < store.HandleWait:
			return store.ErrTooSoon
		}
		if err := handleFree(ctx, tx, handle, who.User, at); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE users SET handle = ?, renamed_at = ? WHERE id = ?", handle, at.Unix(), who.User)
		if duplicate(err) {
			return store.ErrTaken
		}
		if err != nil {
			return err
		}
		return holdHandle(ctx, tx, who.User, old, handle, at)
	})
}

// holdHandle keeps the old handle for the account, and lets go of its hold on the new one.
func holdHandle(ctx context.Context, tx *sql.Tx, user int64, old, taken string, at time.Time) error {
	o, n := store.HashOf(old), store.HashOf(taken)
	if _, err := tx.ExecContext(ctx, "DELETE FROM held_handles WHERE handle IN (?, ?) OR until <= ?", o[:], n[:], at.Unix()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO held_handles VALUES (?, ?, ?)", o[:], user, at.Add(store.HandleHold).Unix())
	if err != nil {
		return err
	}
	return note(ctx, tx, at, user, "rename", "")
}

// SetName implements store.Accounts.
func (s *Store) SetName(ctx context.Context, who store.Actor, name string) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		return touched(tx.ExecContext(ctx, "UPDATE users SET name = ? WHERE id = ?", name, who.User))
	})
}

// UserByHandle implements store.Accounts.
func (s *Store) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.reader.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM users u WHERE u.handle = ?", handle), &u)
	return u, err
}

// PublicUser implements store.Boards.
func (s *Store) PublicUser(ctx context.Context, handle string) (store.User, error) {
	var u store.User
	err := scanUser(s.public.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM public_users u WHERE u.handle = ?", handle), &u)
	return u, err
}

// OwnUser implements store.Accounts.
func (s *Store) OwnUser(ctx context.Context, who store.Actor) (store.User, error) {
	var u store.User
	err := scanUser(s.reader.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM users u WHERE u.id = ?", who.User), &u)
	return u, err
}

// Users implements store.Accounts.
func (s *Store) Users(ctx context.Context) ([]store.User, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+accountColumns+" FROM users u ORDER BY u.handle")
	return collect(rows, err, func(r *sql.Rows, u *store.User) error { return scanUser(r, u) })
}

// SetVisibility implements store.Accounts.
func (s *Store) SetVisibility(ctx context.Context, who store.Actor, v store.Visibility) error {
	return s.share(ctx, who, "UPDATE users SET visibility = ? WHERE id = ?", v)
}

// SetHidden implements store.Accounts.
func (s *Store) SetHidden(ctx context.Context, who store.Actor, h store.Hidden) error {
	return s.share(ctx, who, "UPDATE users SET hidden = ? WHERE id = ?", h)
}

func (s *Store) share(ctx context.Context, who store.Actor, update string, to any) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		var before store.Visibility
		if err := tx.QueryRowContext(ctx, "SELECT visibility FROM users WHERE id = ?", who.User).Scan(&before); err != nil {
			return notFound(err)
		}
		if err := s.settle(ctx, tx, who.User); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, update, to, who.User); err != nil {
			return err
		}
		return restand(ctx, tx, who.User, before, s.now())
	})
}

// HiddenOf implements store.Accounts.
func (s *Store) HiddenOf(ctx context.Context, who store.Actor) (store.Hidden, error) {
	var h store.Hidden
	return h, notFound(s.reader.QueryRowContext(ctx, "SELECT hidden FROM users WHERE id = ?", who.User).Scan(&h))
}

// note writes a line of the audit, which nothing can change afterwards.
func note(ctx context.Context, tx *sql.Tx, at time.Time, user int64, action, detail string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO audit (at, user_id, action, detail) VALUES (?, ?, ?, ?)", at.Unix(), user, action, detail)
	return err
}
