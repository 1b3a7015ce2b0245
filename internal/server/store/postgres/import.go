package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// Import fills a migrated database without accounts from another engine, in one transaction, as the cluster's administrator.
// It compares each account on both sides at the end, and returns how many there are and how many rows were copied.
func Import(ctx context.Context, dsn string, from store.Dump) (accounts int, rows int64, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0, 0, fmt.Errorf("open database: %w", clean(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		i := &importing{tx: tx, from: from, want: make(checksums), got: make(checksums)}
		if err := i.run(ctx); err != nil {
			return err
		}
		accounts, rows = len(i.got), i.rows
		return i.compare()
	})
	return accounts, rows, err
}

type importing struct {
	tx        pgx.Tx
	from      store.Dump
	rows      int64
	want, got checksums
}

func (i *importing) run(ctx context.Context) error {
	if err := i.fit(ctx); err != nil {
		return err
	}
	tables, err := i.tables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := i.table(ctx, t); err != nil {
			return fmt.Errorf("copy %s: %w", t, err)
		}
	}
	return i.sequences(ctx)
}

// fit refuses a database that is not new, or a role that would not see every row.
func (i *importing) fit(ctx context.Context) error {
	var may bool
	if err := i.tx.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&may); err != nil {
		return err
	}
	if !may {
		return errors.New("copying writes rows of everybody: --to must name the cluster's administrator")
	}
	var have int64
	if err := i.tx.QueryRow(ctx, "SELECT tf.version()").Scan(&have); err != nil || have != schema {
		return errors.New("the database is not migrated to this version\nrun: tokenflexd migrate --db …, as " + Owner)
	}
	var some bool
	if err := i.tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM tf.users)").Scan(&some); err != nil || some {
		return errors.Join(err, errors.New("the database has accounts already: copy into a new one"))
	}
	return nil
}

// tables lists the tables to copy so that what a row points at is there before it. A table that PostgreSQL does not have is
// an error: nothing is left behind in silence.
func (i *importing) tables(ctx context.Context) ([]string, error) {
	names, err := i.from.Tables(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := i.tx.Query(ctx, `SELECT c.relname, coalesce(array_agg(DISTINCT f.relname) FILTER (WHERE f.relname IS NOT NULL AND f.oid <> c.oid), '{}')
		FROM pg_class c LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' LEFT JOIN pg_class f ON f.oid = k.confrelid
		WHERE c.relnamespace = 'tf'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY c.relname`)
	needs := make(map[string][]string)
	_, err = collect(rows, err, func(r pgx.Rows, _ *struct{}) error {
		var name string
		var targets []string
		err := r.Scan(&name, &targets)
		needs[name] = targets
		return err
	})
	if err != nil {
		return nil, err
	}
	var order []string
	for len(order) < len(names) {
		before := len(order)
		for _, n := range names {
			if _, known := needs[n]; !known {
				return nil, fmt.Errorf("PostgreSQL has no table %s", n)
			}
			waits := slices.ContainsFunc(needs[n], func(t string) bool { return !slices.Contains(order, t) })
			if !waits && !slices.Contains(order, n) {
				order = append(order, n)
			}
		}
		if len(order) == before {
			return nil, errors.New("tables point at each other in a circle")
		}
	}
	return order, nil
}

func (i *importing) table(ctx context.Context, table string) error {
	columns, err := i.from.Columns(ctx, table)
	if err != nil {
		return err
	}
	rows, err := i.tx.Query(ctx, "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'tf' AND table_name = $1", table)
	types := make(map[string]string)
	_, err = collect(rows, err, func(r pgx.Rows, _ *struct{}) error {
		var name, kind string
		err := r.Scan(&name, &kind)
		types[name] = kind
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range columns {
		if types[c] == "" {
			return fmt.Errorf("PostgreSQL has no column %s", c)
		}
	}
	owner := slices.Index(columns, "user_id")
	if table == "users" {
		owner = slices.Index(columns, "id")
	}
	if _, err := i.tx.Exec(ctx, "DELETE FROM tf."+pgx.Identifier{table}.Sanitize()); err != nil { // such as what the first migration put there
		return err
	}
	if err := i.fill(ctx, table, columns, types, owner); err != nil {
		return err
	}
	return i.read(ctx, table, columns, owner)
}

// fill copies the rows over.
func (i *importing) fill(ctx context.Context, table string, columns []string, types map[string]string, owner int) error {
	lines, failed := make(chan []any, 256), make(chan error, 1)
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(lines)
		failed <- i.from.Rows(reading, table, columns, func(row []any) error {
			i.want.add(table, owner, row)
			for c, name := range columns {
				if n, ok := row[c].(int64); ok && types[name] == "boolean" {
					row[c] = n != 0
				}
			}
			select {
			case lines <- row:
				return nil
			case <-reading.Done():
				return reading.Err()
			}
		})
	}()
	n, err := i.tx.CopyFrom(ctx, pgx.Identifier{"tf", table}, columns, pgx.CopyFromFunc(func() ([]any, error) { return <-lines, nil }))
	cancel()
	for range lines { // until the reader has ended
	}
	i.rows += n
	if readErr := <-failed; err == nil && readErr != nil && !errors.Is(readErr, context.Canceled) {
		return readErr
	}
	return err
}

// read sums up what arrived.
func (i *importing) read(ctx context.Context, table string, columns []string, owner int) error {
	names := `"` + strings.Join(columns, `", "`) + `"`
	var order []string
	for _, c := range columns {
		order = append(order, `"`+c+`" NULLS FIRST`)
	}
	rows, err := i.tx.Query(ctx, "SELECT "+names+" FROM tf."+pgx.Identifier{table}.Sanitize()+" ORDER BY "+strings.Join(order, ", "))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		i.got.add(table, owner, row)
	}
	return rows.Err()
}

func (i *importing) compare() error {
	for user, want := range i.want {
		if got := i.got[user]; got == nil || string(got.Sum(nil)) != string(want.Sum(nil)) {
			return fmt.Errorf("account %d is not the same on both sides: nothing was copied", user)
		}
	}
	if len(i.got) != len(i.want) {
		return errors.New("there are other accounts than were copied: nothing was copied")
	}
	return nil
}

// sequences go on after the highest number that was copied.
func (i *importing) sequences(ctx context.Context) error {
	rows, err := i.tx.Query(ctx, `SELECT c.table_name, c.column_name FROM information_schema.columns c WHERE c.table_schema = 'tf' AND c.is_identity = 'YES'`)
	type column struct{ table, name string }
	all, err := collect(rows, err, func(r pgx.Rows, c *column) error { return r.Scan(&c.table, &c.name) })
	if err != nil {
		return err
	}
	for _, c := range all {
		_, err := i.tx.Exec(ctx, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('tf.%s', '%s'), max(%s)) FROM tf.%s HAVING max(%[2]s) IS NOT NULL", c.table, c.name, c.name, c.table))
		if err != nil {
			return err
		}
	}
	return nil
}

// checksums are a checksum of every row of each account; 0 has what is nobody's.
type checksums map[int64]hash.Hash

// add takes a row in. Numbers, flags and bytes are written alike whichever engine they come from.
func (s checksums) add(table string, owner int, row []any) {
	user := int64(0)
	if owner >= 0 {
		user = number(row[owner])
	}
	if s[user] == nil {
		s[user] = sha256.New()
	}
	fmt.Fprintf(s[user], "%s\x00", table)
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			fmt.Fprint(s[user], "-\x00")
		case []byte:
			fmt.Fprintf(s[user], "%x\x00", v)
		case string:
			fmt.Fprintf(s[user], "%q\x00", v)
		default:
			fmt.Fprintf(s[user], "%d\x00", number(v))
		}
	}
}

func number(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case bool:
		if v {
			return 1
		}
	}
	return 0
}
