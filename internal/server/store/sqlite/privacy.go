package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tokenflex.ing/internal/server/store"
)

// secretColumns are hashes of secrets: of use to a thief alone.
var secretColumns = []string{"secret", "device_code", "user_code", "last_body"}

// truths are the columns that are true or false, which this engine keeps as numbers: an export is the same from either engine.
var truths = []string{"held", "priced", "timely"}

// Export implements store.Privacy. The tables are found in the schema, so that none can be forgotten.
func (s *Store) Export(ctx context.Context, who store.Actor, emit func(table string, row json.RawMessage) error) error {
	if who.User == 0 {
		return store.ErrNotFound
	}
	if err := s.freshOf(ctx, who.User); err != nil {
		return err
	}
	tx, err := s.export.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT m.name FROM sqlite_master m WHERE m.type = 'table'
		AND (m.name = 'users' OR EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'user_id')) ORDER BY m.name <> 'users', m.name`)
	tables, err := collect(rows, err, func(r *sql.Rows, t *string) error { return r.Scan(t) })
	for _, t := range tables {
		if err == nil {
			err = exportTable(ctx, tx, t, who.User, emit)
		}
	}
	return err
}

func exportTable(ctx context.Context, tx *sql.Tx, table string, user int64, emit func(table string, row json.RawMessage) error) error {
	of := "user_id"
	if table == "users" {
		of = "id"
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE %s = ?", strconv.Quote(table), of), user)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		fields := make([]any, len(columns))
		for i := range values {
			fields[i] = &values[i]
		}
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		row := make(map[string]any, len(columns))
		for i, c := range columns {
			if slices.Contains(secretColumns, c) || table == "prints" && c == "pending" { // which is about an index
				continue
			}
			row[c] = values[i]
			if n, is := values[i].(int64); is && slices.Contains(truths, c) {
				row[c] = n != 0
			}
			if b, is := values[i].([]byte); is {
				row[c] = `\x` + hex.EncodeToString(b)
			}
		}
		text, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if err := emit(table, text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Erase implements store.Privacy.
func (s *Store) Erase(ctx context.Context, who store.Actor, handle string, at time.Time) error {
	if err := s.anonymous(ctx, func(tx *sql.Tx) error { return s.erase(ctx, tx, who.User, handle, at) }); err != nil {
		return err
	}
	s.scrub(ctx)
	return nil
}

// scrub empties the log: what was deleted is overwritten in the file itself, and stays in the log until then. While somebody reads
// an older state it cannot be done at once; the log then goes when SQLite next empties it.
func (s *Store) scrub(ctx context.Context) {
	if conn, err := s.take(ctx); err == nil {
		defer conn.Close()
		_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
}

func (s *Store) erase(ctx context.Context, tx *sql.Tx, user int64, handle string, at time.Time) error {
	var created int64
	if err := tx.QueryRowContext(ctx, "SELECT created_at FROM users WHERE id = ? AND handle = ?", user, handle).Scan(&created); err != nil {
		return notFound(err)
	}
	mark, err := markOf(ctx, tx, user, created)
	if err != nil {
		return err
	}
	h := sha256.Sum256([]byte(handle))
	return s.become(ctx, tx, user, func(tx *sql.Tx) error {
		if err := note(ctx, tx, at, user, "erase", ""); err != nil {
			return err
		}
		for _, step := range []struct {
			query string
			args  []any
		}{
			{"UPDATE audit SET user_id = NULL, detail = '', erased = ? WHERE user_id = ?", []any{mark[:], user}},
			{"UPDATE held_handles SET by_user = -1 WHERE by_user = ?", []any{user}},
			{"INSERT INTO held_handles VALUES (?, -1, ?) ON CONFLICT DO NOTHING", []any{h[:], at.Add(store.HandleHold).Unix()}},
			{"INSERT INTO erasures VALUES (?, ?) ON CONFLICT DO NOTHING", []any{mark[:], at.Unix()}},
			{"DELETE FROM users WHERE id = ?", []any{user}},
		} {
			if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// markOf is what is left of an account: a hash that only this database's key can make.
func markOf(ctx context.Context, tx *sql.Tx, user, created int64) (store.Hash, error) {
	var k []byte
	if err := tx.QueryRowContext(ctx, "SELECT value FROM secret WHERE name = 'erasure'").Scan(&k); err != nil {
		return store.Hash{}, err
	}
	inner := sha256.Sum256(fmt.Appendf(slices.Clone(k), "%d|%d", user, created))
	return sha256.Sum256(append(k, inner[:]...)), nil
}

// Erasures implements store.Privacy.
func (s *Store) Erasures(ctx context.Context) ([]store.Erasure, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT mark, at FROM erasures ORDER BY at, mark")
	return collect(rows, err, func(r *sql.Rows, e *store.Erasure) error {
		var mark []byte
		var at int64
		err := r.Scan(&mark, &at)
		copy(e.Mark[:], mark)
		e.At = time.Unix(at, 0).UTC()
		return err
	})
}

// account is who an account is, for erasing it.
type account struct {
	id, created int64
	handle      string
}

func accounts(rows *sql.Rows, err error) ([]account, error) {
	return collect(rows, err, func(r *sql.Rows, a *account) error { return r.Scan(&a.id, &a.handle, &a.created) })
}

// ReplayErasures implements store.Privacy.
func (s *Store) ReplayErasures(ctx context.Context, journal []store.Erasure) (int, error) {
	erased := make(map[store.Hash]time.Time, len(journal))
	for _, e := range journal {
		erased[e.Mark] = e.At
	}
	n := 0
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		all, err := accounts(tx.QueryContext(ctx, "SELECT id, handle, created_at FROM users"))
		for _, a := range all {
			var mark store.Hash
			if mark, err = markOf(ctx, tx, a.id, a.created); err != nil {
				return err
			}
			at, gone := erased[mark]
			if !gone || a.created > at.Unix() {
				continue
			}
			if err = s.erase(ctx, tx, a.id, a.handle, at); err != nil {
				return err
			}
			n++
		}
		return err
	})
	if n > 0 && err == nil {
		s.scrub(ctx)
	}
	return n, err
}

// Sweep implements store.Privacy.
func (s *Store) Sweep(ctx context.Context, at, unused time.Time) (int, error) {
	n := 0
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		now, quarter := at.Unix(), at.AddDate(0, 0, -90).Unix()
		for _, end := range []struct {
			table, where string
			args         []any
		}{
			{"invites", "expires_at <= ?", []any{now}},
			{"sessions", "(expires_at <= ?1 OR seen_at + idle_s <= ?1)", []any{now}},
			{"tokens", "(revoked_at <= ?1 OR expires_at <= ?1)", []any{quarter}},
		} {
			if err := s.endOwned(ctx, tx, end.table, end.where, end.args); err != nil {
				return err
			}
		}
		for query, arg := range map[string]int64{
			"DELETE FROM device_grants WHERE expires_at <= ?": at.AddDate(0, 0, -1).Unix(),
			"DELETE FROM held_handles WHERE until <= ?":       now,
			"DELETE FROM spent WHERE until <= ?":              now,
			"DELETE FROM quotas WHERE until <= ?":             at.UnixNano(),
		} {
			if _, err := tx.ExecContext(ctx, query, arg); err != nil {
				return err
			}
		}
		if unused.IsZero() {
			return nil
		}
		idle, err := accounts(tx.QueryContext(ctx, `SELECT u.id, u.handle, u.created_at FROM users u WHERE u.state = 0 AND u.created_at <= ?1
			AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.seen_at > ?1)
			AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.user_id = u.id AND max(coalesce(d.synced_at, 0), d.created_at) > ?1)
			AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = u.id AND t.used_on > ?2) ORDER BY u.id LIMIT ?3`,
			unused.Unix(), unused.UTC().Format(time.DateOnly), store.SweepAtOnce))
		for _, a := range idle {
			if err = s.erase(ctx, tx, a.id, a.handle, at); err != nil {
				return err
			}
			n++
		}
		return err
	})
	if n > 0 && err == nil {
		s.scrub(ctx)
	}
	return n, err
}

// endOwned deletes rows that belong to people, as each of them.
func (s *Store) endOwned(ctx context.Context, tx *sql.Tx, table, where string, args []any) error {
	rows, err := tx.QueryContext(ctx, "SELECT DISTINCT user_id FROM "+table+" WHERE "+where, args...)
	users, err := collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
	for _, user := range users {
		if err != nil {
			break
		}
		err = s.become(ctx, tx, user, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE user_id = "+strconv.FormatInt(user, 10)+" AND "+where, args...)
			return err
		})
	}
	return err
}
