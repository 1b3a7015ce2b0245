package sqlitefile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	copied = "copy.db" // name of the database in its private folder
	prefix = "tokenflexing-db-"
	// maxCopy is the largest database that is copied, in bytes, with what lies beside it.
	maxCopy = 4 << 30
	// attempts is how often a copy is begun: a log starts anew at most once in a thousand pages.
	attempts = 8
	chunk    = 32 << 20
	// abandoned is how old a private folder has to be to belong to a process that was killed.
	abandoned = 24 * time.Hour
)

// copyOf copies one state of the database into a new private folder, which the caller removes.
//
// The database goes first and its log second. As long as the log is of one generation, all that a checkpoint may have
// written into the database meanwhile stands in the part of the log that is copied after it, so that pages of two states
// in the copy do no harm: the log covers them. The same holds for a journal and the pages that it keeps as they were.
func copyOf(ctx context.Context, name string) (string, error) {
	sweep(os.TempDir())
	private, err := os.MkdirTemp("", prefix) // 0700
	if err != nil {
		return "", err
	}
	for range attempts {
		if err = copyState(ctx, name, filepath.Join(private, copied)); !errors.Is(err, ErrChanged) {
			break
		}
	}
	if err != nil {
		return "", errors.Join(err, remove(private))
	}
	return private, nil
}

func copyState(ctx context.Context, name, to string) error {
	before, err := look(name)
	if err != nil {
		return err
	}
	for _, side := range [...]string{"-wal", "-journal"} {
		if err := os.Remove(to + side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	left := int64(maxCopy)
	if err := copyFile(ctx, name, to, &left); err != nil {
		return err
	}
	if before.side != "" {
		err := copyFile(ctx, name+before.side, to+before.side, &left)
		if errors.Is(err, fs.ErrNotExist) {
			return ErrChanged
		} else if err != nil {
			return err
		}
	}
	after, err := look(name)
	switch {
	case err != nil:
		return err
	case before.side == "" && !after.same(before), !after.sameGeneration(before):
		return ErrChanged
	}
	return nil
}

// copyFile copies a whole file, of which left bytes may be had.
func copyFile(ctx context.Context, from, to string, left *int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil {
		return err
	} else if info.Size() > *left {
		return ErrLarge
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int64
		n, err = io.CopyN(out, in, chunk)
		if *left -= n; *left < 0 {
			err = ErrLarge
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, out.Close())
}

func remove(private string) error { return os.RemoveAll(private) }

// sweep removes the copies that processes left which were killed: they hold what people wrote.
func sweep(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return
	}
	for _, private := range left {
		if info, err := os.Lstat(private); err == nil && info.IsDir() && time.Since(info.ModTime()) > abandoned {
			_ = remove(private) // another person's copies cannot be removed, nor need be
		}
	}
}
