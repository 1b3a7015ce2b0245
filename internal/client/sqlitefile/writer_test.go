package sqlitefile

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// asWriter makes this test binary a program that has a database open. It must be a process of its own: locks are lost when
// any part of a process closes the file.
const asWriter = "TOKENFLEXING_TEST_WRITER"

func TestMain(m *testing.M) {
	if name := os.Getenv(asWriter); name != "" {
		if err := obey(name, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// obey runs one line of SQL after another and says when each is done. "storm" commits without end.
func obey(name string, in io.Reader, out io.Writer) error {
	db, err := sql.Open("sqlite", location(name))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() == "storm" {
			return storm(db, out)
		}
		if lines.Text() == "close" {
			err = db.Close()
		} else {
			_, err = db.Exec(lines.Text())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		fmt.Fprintln(out, "done")
	}
	return nil
}

// storm changes both halves of a table in every transaction, and checkpoints in all ways, until it is killed.
func storm(db *sql.DB, out io.Writer) error {
	for i := 1; ; i++ {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		for _, q := range []string{"UPDATE half SET n = n + 1 WHERE id < 200", "UPDATE half SET n = n + 1 WHERE id >= 200"} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		if i == 10 {
			fmt.Fprintln(out, "done")
		}
		if way := []string{"PASSIVE", "RESTART", "TRUNCATE"}[i%3]; i%7 == 0 {
			if _, err := db.Exec("PRAGMA wal_checkpoint(" + way + ")"); err != nil {
				return err
			}
		}
	}
}

// writer is another process that has the database open.
type writer struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	cmd *exec.Cmd
}

func write(t *testing.T, name string, lines ...string) *writer {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), asWriter+"="+name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, in: in, out: bufio.NewReader(out), cmd: cmd}
	t.Cleanup(w.kill)
	w.do(lines...)
	return w
}

func (w *writer) do(lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		fmt.Fprintln(w.in, line)
		if answer, err := w.out.ReadString('\n'); err != nil {
			w.t.Fatalf("%s: %q %v", line, answer, err)
		}
	}
}

// kill ends the process as a power cut would: nothing is tidied up.
func (w *writer) kill() {
	if w.cmd.ProcessState == nil {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
	}
}

// tree returns all that can be seen of a folder: names, sizes, times and bytes.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, name, info.Mode(), info.Size(), info.ModTime())
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(name)
			fmt.Fprintf(&b, "%x\n", content)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// walBytes returns the log of a database that the process at hand wrote.
func walBytes(t testing.TB, name string) []byte {
	t.Helper()
	db, err := sql.Open("sqlite", location(name))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, line := range []string{"PRAGMA page_size=512", wal, large, create, one, two} {
		if _, err := db.Exec(line); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.ReadFile(name + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return log
}
