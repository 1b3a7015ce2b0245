package postgres

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"
)

// BackupRole is what the cluster's administrator runs once to have a role for backups.
//
//go:embed backup.sql
var BackupRole string

// Backup writes a dump of the whole database, as pg_dump makes it, to a new file that is its owner's alone.
func Backup(ctx context.Context, dsn, to string) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd, err := tool(ctx, "pg_dump", dsn, "--format=custom", "--schema=tf", "--schema=tf_meta")
	if err != nil {
		return err
	}
	cmd.Stdout = f
	if err := runTool(cmd); err != nil {
		os.Remove(to)
		return fmt.Errorf("%w\na backup takes a role that may read everything: tokenflexd migrate --backup-role prints how to make tf_backup", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// dumped is what every dump of pg_dump's own format begins with.
const dumped = "PGDMP"

// IsDump reports whether a file is a dump of a PostgreSQL database.
func IsDump(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(dumped))
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return string(head[:n]) == dumped, err
}

// Restore fills an empty database by pg_restore, as the cluster's administrator.
func Restore(ctx context.Context, dsn, from string) error {
	empty, err := isEmpty(ctx, dsn)
	if err != nil {
		return err
	}
	if !empty {
		return errors.New("the database has tables of tokenflexd already: restore into a new one")
	}
	cmd, err := tool(ctx, "pg_restore", dsn, "--format=custom", "--clean", "--if-exists", "--exit-on-error", "--single-transaction", from)
	if err != nil {
		return err
	}
	return runTool(cmd)
}

func isEmpty(ctx context.Context, dsn string) (bool, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return false, fmt.Errorf("open database: %w", clean(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var some bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname IN ('tf', 'tf_meta'))").Scan(&some)
	return !some, err
}

// tool is one of PostgreSQL's programs on a database. A password in the address goes by the environment: others can read
// the command line.
func tool(ctx context.Context, name, dsn string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not installed: it comes with PostgreSQL's client programs", name)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("the database's address cannot be read")
	}
	env := os.Environ()
	if password, ok := u.User.Password(); ok {
		u.User = url.User(u.User.Username())
		env = append(env, "PGPASSWORD="+password)
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"--no-password", "--dbname=" + u.String()}, args...)...)
	cmd.Env = env
	return cmd, nil
}

func runTool(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd.Args[0], err, strings.TrimSpace(said.String()))
	}
	return nil
}
