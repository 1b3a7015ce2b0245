package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

func newRestore(p *program) *cobra.Command {
	var db, identity string
	cmd := &cobra.Command{
		Use: "restore BACKUP", Short: "Make an empty database what a backup says", Args: arguments("BACKUP"),
		Long: `restore puts a backup in the place of a database that is not there yet, or is empty; anything else it refuses to touch. It brings
the schema up to this version.

On PostgreSQL --db names the cluster's administrator, in a new database in which tokenflexd migrate --roles was run. pg_restore
must be installed.`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.restore(cmd.Context(), args[0], db, identity) },
	}
	databaseFlag(cmd, &db)
	cmd.Flags().StringVar(&identity, "identity", "", "`file` with the age identity that opens an encrypted backup")
	return cmd
}

func (p *program) restore(ctx context.Context, backup, db, identity string) error {
	plain := backup
	if strings.HasSuffix(backup, encrypted) {
		if identity == "" {
			return errUsage{errors.New("the backup is encrypted: --identity names the file that opens it")}
		}
		dir, err := os.MkdirTemp("", "tokenflexd-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		plain = filepath.Join(dir, "backup")
		if err := decryptFile(backup, plain, identity); err != nil {
			return err
		}
	}
	if isPostgres(db) {
		if err := postgres.Restore(ctx, db, plain); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.out, "restored; run tokenflexd migrate, then tokenflexd doctor")
		return err
	}
	file, err := p.databaseFile(db)
	if err != nil {
		return err
	}
	return p.restoreFile(ctx, plain, file)
}

func (p *program) restoreFile(ctx context.Context, backup, file string) error {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s is there already: stop the server and move it out of the way, with its -wal and -shm", name)
		}
	}
	if err := sqlite.Check(ctx, backup); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	in, err := os.Open(backup)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := writeNew(file, func(out io.Writer) error { _, err := io.Copy(out, in); return err }); err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, file, time.Now)
	if err != nil {
		return err
	}
	journal, err := server.ReadJournal(file + journalSuffix)
	again := 0
	if err == nil {
		again, err = s.ReplayErasures(ctx, journal)
	}
	if err := errors.Join(err, s.Ready(ctx), s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "restored to %s; %d accounts that were erased since are erased again\n", file, again)
	return err
}

func decryptFile(from, to, identity string) error {
	keys, err := os.Open(identity)
	if err != nil {
		return err
	}
	defer keys.Close()
	identities, err := age.ParseIdentities(keys)
	if err != nil {
		return fmt.Errorf("--identity: %w", err)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := age.Decrypt(in, identities...)
	if err != nil {
		return fmt.Errorf("open %s: %w", filepath.Base(from), err)
	}
	return writeNew(to, func(out io.Writer) error { _, err := io.Copy(out, r); return err })
}
