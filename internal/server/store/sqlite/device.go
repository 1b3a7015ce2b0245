package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tokenflex.ing/internal/server/store"
)

// addDevice makes a device. If the name is taken it gets the next number: device, device-2, device-3.
func addDevice(ctx context.Context, tx *sql.Tx, user int64, d store.Device, at time.Time) (store.Device, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM devices WHERE user_id = ?", user)
	names, err := collect(rows, err, func(r *sql.Rows, name *string) error { return r.Scan(name) })
	if err != nil {
		return d, err
	}
	if len(names) >= store.MaxDevices {
		return d, store.ErrTooMany
	}
	d.Name = freeName(d.Name, names)
	r, err := tx.ExecContext(ctx, "INSERT INTO devices (user_id, name, os, client, created_at) VALUES (?, ?, ?, ?, ?)",
		user, d.Name, d.OS, d.Client, at.Unix())
	if err != nil {
		return d, err
	}
	d.ID, err = r.LastInsertId()
	return d, err
}

func freeName(name string, taken []string) string {
	used := make(map[string]bool, len(taken))
	for _, t := range taken {
		used[t] = true
	}
	free := name
	for n := 2; used[free]; n++ {
		number := fmt.Sprintf("-%d", n)
		runes := []rune(name)
		free = string(runes[:min(len(runes), store.MaxDeviceName-len(number))]) + number
	}
	return free
}

// returningDevice returns the device that a machine comes back as: the one of its name that nobody is signed in on any
// more. If somebody still is, it is another machine that chose the same name, and gets a device of its own:
// counting two machines as one would lose usage, counting one twice would invent it.
func returningDevice(ctx context.Context, tx *sql.Tx, user int64, d store.Device, at time.Time) (store.Device, error) {
	rows, err := tx.QueryContext(ctx, `SELECT d.id FROM devices d WHERE d.user_id = ?1 AND d.name = ?3
		AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = d.user_id AND t.device_id = d.id AND `+live+")",
		user, at.Unix(), d.Name)
	ids, err := collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
	if err != nil || len(ids) == 0 {
		if err != nil {
			return d, err
		}
		return addDevice(ctx, tx, user, d, at)
	}
	d.ID = ids[0]
	// Uploads by its old tokens cannot come any more, so their numbers bind it no longer.
	_, err = tx.ExecContext(ctx, `UPDATE devices SET os = ?, client = ?, last_seq = 0, last_body = NULL, last_receipt = NULL
		WHERE user_id = ? AND id = ?`, d.OS, d.Client, user, d.ID)
	return d, err
}

// DevicesOf implements store.Devices.
func (s *Store) DevicesOf(ctx context.Context, who store.Actor) ([]store.Device, error) {
	sums, err := s.deviceTokens(ctx, who.User)
	if err != nil {
		return nil, err
	}
	rows, err := s.door.QueryContext(ctx, `SELECT d.id, d.name, d.os, d.client, d.created_at, d.synced_at, d.last_seq,
		NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = d.user_id AND t.device_id = d.id AND t.revoked_at IS NULL)
		FROM devices d WHERE d.user_id = ? ORDER BY d.id`, who.User)
	return collect(rows, err, func(r *sql.Rows, d *store.Device) error {
		var created int64
		var synced sql.NullInt64
		err := r.Scan(&d.ID, &d.Name, &d.OS, &d.Client, &created, &synced, &d.LastSeq, &d.Revoked)
		d.CreatedAt, d.SyncedAt, d.Tokens = time.Unix(created, 0).UTC(), timeOrZero(synced), sums[d.ID]
		return err
	})
}

func (s *Store) deviceTokens(ctx context.Context, user int64) (map[int64]int64, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT device_id, sum(input + cache_read + cache_write_5m + cache_write_1h + output)
		FROM usage_day WHERE user_id = ? GROUP BY device_id`, user)
	type sum struct{ device, tokens int64 }
	all, err := collect(rows, err, func(r *sql.Rows, s *sum) error { return r.Scan(&s.device, &s.tokens) })
	sums := make(map[int64]int64, len(all))
	for _, s := range all {
		sums[s.device] = s.tokens
	}
	return sums, err
}

// RenameDevice implements store.Devices.
func (s *Store) RenameDevice(ctx context.Context, who store.Actor, device int64, name string) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "UPDATE devices SET name = ? WHERE user_id = ? AND id = ?", name, who.User, device)
		if duplicate(err) {
			return store.ErrTaken
		}
		return touched(r, err)
	})
}

// RevokeDevice implements store.Devices.
func (s *Store) RevokeDevice(ctx context.Context, who store.Actor, device int64, at time.Time) error {
	return s.as(ctx, who.User, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, "SELECT id FROM devices WHERE user_id = ? AND id = ?", who.User, device).Scan(&id)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE tokens SET revoked_at = ? WHERE user_id = ? AND device_id = ? AND revoked_at IS NULL",
			at.Unix(), who.User, device)
		if err != nil {
			return err
		}
		return note(ctx, tx, at, who.User, "revoke device", fmt.Sprint(device))
	})
}

// touched turns a write that found no row into ErrNotFound.
func touched(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}
