package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// DevicesOf implements store.Devices.
func (s *Store) DevicesOf(ctx context.Context, who store.Actor) ([]store.Device, error) {
	var all []store.Device
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT d.id, d.name, d.os, d.client, d.created_at, d.synced_at, d.last_seq,
			NOT EXISTS (SELECT FROM tf.tokens t WHERE t.user_id = d.user_id AND t.device_id = d.id AND t.revoked_at IS NULL),
			(SELECT coalesce(sum(u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.output), 0)::bigint
				FROM tf.usage_day u WHERE u.user_id = d.user_id AND u.device_id = d.id)
			FROM tf.devices d WHERE d.user_id = $1 ORDER BY d.id`, who.User)
		all, err = collect(rows, err, scanDevice)
		return err
	})
	return all, err
}

func scanDevice(r pgx.Rows, d *store.Device) error {
	var created int64
	var synced *int64
	err := r.Scan(&d.ID, &d.Name, &d.OS, &d.Client, &created, &synced, &d.LastSeq, &d.Revoked, &d.Tokens)
	d.CreatedAt, d.SyncedAt = time.Unix(created, 0).UTC(), moment(synced)
	return err
}

// RenameDevice implements store.Devices.
func (s *Store) RenameDevice(ctx context.Context, who store.Actor, device int64, name string) error {
	return s.run(ctx, who, s.now(), "SELECT tf.rename_device($1, $2)", device, name)
}

// RevokeDevice implements store.Devices.
func (s *Store) RevokeDevice(ctx context.Context, who store.Actor, device int64, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.revoke_device($1, $2)", device, at.Unix())
}
