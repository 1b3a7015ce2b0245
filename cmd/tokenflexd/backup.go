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
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

type backupOptions struct {
	db, to     string
	recipients []string
	rotate     bool
}

func newBackup(p *program) *cobra.Command {
	var o backupOptions
	cmd := &cobra.Command{
		Use: "backup", Short: "Write a checked copy of the database while the server runs", Args: arguments(),
		Long: `backup writes a copy of the whole database, as it is at one moment, into a folder, checks it, and prints its name. The server
goes on meanwhile. The copy is its owner's alone; with --recipient it is encrypted, and only who has the identity can restore it.

Of PostgreSQL it is a dump by pg_dump, which must be installed. --db names a role that may read everything, which the server's
must not: tokenflexd migrate --backup-role prints how to make tf_backup.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.backup(cmd.Context(), o, time.Now()) },
	}
	databaseFlag(cmd, &o.db)
	cmd.Flags().StringVar(&o.to, "to", "", "`folder` to write into")
	cmd.Flags().StringSliceVar(&o.recipients, "recipient", nil, "encrypt for this age `recipient` (age1…); may be repeated")
	cmd.Flags().BoolVar(&o.rotate, "rotate", false, "then remove backups in the folder but the last of 7 days, 4 weeks and 12 months")
	return cmd
}

func (p *program) backup(ctx context.Context, o backupOptions, now time.Time) error {
	if o.to == "" {
		return errUsage{errors.New("--to names the folder to write into")}
	}
	if err := os.MkdirAll(o.to, 0o700); err != nil {
		return err
	}
	recipients, err := parseRecipients(o.recipients)
	if err != nil {
		return errUsage{err}
	}
	name := filepath.Join(o.to, backupName(now, isPostgres(o.db)))
	part := name + ".part"
	defer os.Remove(part)
	if isPostgres(o.db) {
		err = postgres.Backup(ctx, o.db, part)
	} else {
		err = p.backupFile(ctx, o.db, part)
	}
	if err != nil {
		return err
	}
	if len(recipients) > 0 {
		name += encrypted
		err = encryptFile(part, name, recipients)
	} else {
		err = os.Rename(part, name)
	}
	if err != nil {
		return err
	}
	if o.rotate {
		if err := rotate(o.to, now); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(p.out, name)
	return err
}

func (p *program) backupFile(ctx context.Context, db, to string) error {
	file, err := p.databaseFile(db)
	if err != nil {
		return err
	}
	return sqlite.Backup(ctx, file, to)
}

// encrypted is what the name of an encrypted backup ends in.
const encrypted = ".age"

func parseRecipients(texts []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, text := range texts {
		r, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("--recipient %q is no age recipient: %w", text, err)
		}
		all = append(all, r...)
	}
	return all, nil
}

func encryptFile(from, to string, recipients []age.Recipient) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return writeNew(to, func(out io.Writer) error {
		w, err := age.Encrypt(out, recipients...)
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
		return w.Close()
	})
}

// writeNew makes a file that is its owner's alone, whole or not at all.
func writeNew(name string, write func(io.Writer) error) error {
	part := name + ".new"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(part, name)
}
