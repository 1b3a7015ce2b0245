package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// Export implements store.Privacy. A cursor hands the rows over, so that no statement waits for a slow reader, and what holds the account is
// over before the first of them is, so that no upload of it does.
func (s *Store) Export(ctx context.Context, who store.Actor, emit func(table string, row json.RawMessage) error) error {
	if err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error { return s.freshOf(ctx, tx) }); err != nil {
		return err
	}
	return s.looking(ctx, who, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT tf.export_tables()")
		tables, err := collect(rows, err, func(r pgx.Rows, t *string) error { return r.Scan(t) })
		for _, t := range tables {
			if err != nil {
				break
			}
			err = exportTable(ctx, tx, t, emit)
		}
		return err
	})
}

func exportTable(ctx context.Context, tx pgx.Tx, table string, emit func(table string, row json.RawMessage) error) error {
	if _, err := tx.Exec(ctx, "DECLARE export NO SCROLL CURSOR FOR SELECT tf.export_rows($1)", pgx.QueryExecModeSimpleProtocol, table); err != nil {
		return err
	}
	for {
		rows, err := tx.Query(ctx, "FETCH 500 FROM export", pgx.QueryExecModeSimpleProtocol)
		some, err := collect(rows, err, func(r pgx.Rows, row *[]byte) error { return r.Scan(row) })
		if err != nil {
			return err
		}
		for _, row := range some {
			if err := emit(table, row); err != nil {
				return err
			}
		}
		if len(some) == 0 {
			_, err := tx.Exec(ctx, "CLOSE export")
			return err
		}
	}
}

// Erase implements store.Privacy.
func (s *Store) Erase(ctx context.Context, who store.Actor, handle string, at time.Time) error {
	return s.run(ctx, who, at, "SELECT tf.erase_me($1, $2, $3)", handle, at.Unix(), int64(store.HandleHold.Seconds()))
}

// Erasures implements store.Privacy.
func (s *Store) Erasures(ctx context.Context) ([]store.Erasure, error) {
	rows, err := s.pool.Query(ctx, "SELECT mark, at FROM tf.erasures ORDER BY at, mark")
	return collect(rows, err, func(r pgx.Rows, e *store.Erasure) error {
		var mark []byte
		var at int64
		err := r.Scan(&mark, &at)
		copy(e.Mark[:], mark)
		e.At = time.Unix(at, 0).UTC()
		return err
	})
}

// ReplayErasures implements store.Privacy.
func (s *Store) ReplayErasures(ctx context.Context, journal []store.Erasure) (int, error) {
	type entry struct {
		Mark string `json:"mark"`
		At   int64  `json:"at"`
	}
	marks := make([]entry, len(journal))
	for i, e := range journal {
		marks[i] = entry{hex.EncodeToString(e.Mark[:]), e.At.Unix()}
	}
	var n int
	err := s.pool.QueryRow(ctx, "SELECT tf.replay_erasures($1, $2)", marks, int64(store.HandleHold.Seconds())).Scan(&n)
	return n, refusal(err)
}

// Sweep implements store.Privacy.
func (s *Store) Sweep(ctx context.Context, at, unused time.Time) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, "SELECT tf.sweep($1, $2, $3, $4)", at.Unix(), seconds(unused), store.SweepAtOnce, int64(store.HandleHold.Seconds())).Scan(&n)
	return n, refusal(err)
}
