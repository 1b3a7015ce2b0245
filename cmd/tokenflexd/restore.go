package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

type restoreOptions struct{ db, identity, journal string }

func newRestore(p *program) *cobra.Command {
	var o restoreOptions
	cmd := &cobra.Command{
		Use: "restore BACKUP", Short: "Make an empty database what a backup says", Args: arguments("BACKUP"),
		Long: `restore puts a backup in the place of a database that is not there yet, or is empty; anything else it refuses to touch. It brings
the schema up to this version, and erases again whoever was erased after the backup was made, as the server's journal of
erasures says.

On PostgreSQL --db names the cluster's administrator, in a new database in which tokenflexd migrate --roles was run. pg_restore
must be installed.`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.restore(cmd.Context(), args[0], o) },
	}
	databaseFlag(cmd, &o.db)
	cmd.Flags().StringVar(&o.identity, "identity", "", "`file` with the age identity that opens an encrypted backup")
	cmd.Flags().StringVar(&o.journal, "erasure-journal", "", "`file` that serve wrote erasures to (default where serve writes it)")
	return cmd
}

func (p *program) restore(ctx context.Context, backup string, o restoreOptions) error {
	plain := backup
	if strings.HasSuffix(backup, encrypted) {
		if o.identity == "" {
			return errUsage{errors.New("the backup is encrypted: --identity names the file that opens it")}
		}
		dir, err := os.MkdirTemp("", "tokenflexd-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		plain = filepath.Join(dir, "backup")
		if err := decryptFile(backup, plain, o.identity); err != nil {
			return err
		}
	}
	if err := fits(plain, o.db); err != nil {
		return err
	}
	erased, err := p.erasedSince(o.journal, o.db)
	if err != nil {
		return err
	}
	if err := p.fill(ctx, plain, o.db); err != nil {
		return err
	}
	s, err := p.openHost(ctx, o.db)
	if err != nil {
		return err
	}
	again, err := s.ReplayErasures(ctx, erased)
	if err := errors.Join(err, s.Ready(ctx), s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "restored; %d accounts that were erased since are erased again\n", again)
	return err
}

// fits refuses a backup of the other engine.
func fits(backup, db string) error {
	dump, err := postgres.IsDump(backup)
	switch {
	case err != nil:
		return err
	case dump && !isPostgres(db):
		return fmt.Errorf("%s is a dump of PostgreSQL: --db names the database that it goes into, postgres://ADMINISTRATOR@HOST/NAME", filepath.Base(backup))
	case !dump && isPostgres(db):
		return fmt.Errorf("%s is no dump of PostgreSQL: restore it into a file, then tokenflexd db copy takes that into PostgreSQL", filepath.Base(backup))
	}
	return nil
}

// fill puts a plain backup into an empty database and brings its schema up to this version.
func (p *program) fill(ctx context.Context, backup, db string) error {
	if isPostgres(db) {
		if err := postgres.Restore(ctx, db, backup); err != nil {
			return err
		}
		return postgres.Migrate(ctx, db)
	}
	file, err := p.databaseFile(db)
	if err != nil {
		return err
	}
	return fillFile(ctx, backup, file) // opening it brings it up
}

func fillFile(ctx context.Context, backup, file string) error {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s is there already: stop the server and move it out of the way, with its -wal and -shm", name)
		}
	}
	if err := sqlite.CheckBackup(ctx, backup); err != nil {
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
	return writeNew(file, func(out io.Writer) error { _, err := io.Copy(out, in); return err })
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
