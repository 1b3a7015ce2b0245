// Command try shows the whole product on this machine: a server on a free loopback port, an account, this machine paired,
// a first sync, and the board. All it writes is in one scratch folder; the person's own config is not touched.
//
// With TRY_ONCE=1 it stops after the sync, with exit code 0 if the board shows what was synced.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tokenflex.ing/internal/samplehome"
)

const handle = "you"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := try(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "try:", err)
		os.Exit(1)
	}
}

// trial is one run: where its files are and where its server listens.
type trial struct {
	scratch, db, site string
}

func try(ctx context.Context) (err error) {
	var t trial
	if t.scratch, err = os.MkdirTemp("", "tokenflexing-try-"); err != nil {
		return err
	}
	defer os.RemoveAll(t.scratch)
	t.db = filepath.Join(t.scratch, "tokenflexd.db")
	stop, err := t.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := t.pair(ctx); err != nil {
		return err
	}
	args, err := t.home(ctx)
	if err != nil {
		return err
	}
	for _, command := range [][]string{append([]string{"sync"}, args...), args} {
		fmt.Println()
		if err := t.run(ctx, os.Stdout, "", "tokenflexing", command...); err != nil {
			return err
		}
	}
	if err := t.compare(ctx, args); err != nil {
		return err
	}
	link, err := t.output(ctx, "", "tokenflexd", "admin", "invite", handle, "--db", t.db, "--site", t.site)
	if err != nil {
		return err
	}
	fmt.Printf("\nboard    %s/\nprofile  %s/u/%s\nsign in  %s\n", t.site, t.site, handle, lastLine(link))
	if os.Getenv("TRY_ONCE") == "1" {
		return nil
	}
	fmt.Println("\nserving until Ctrl-C; then all of it is deleted")
	<-ctx.Done()
	return nil
}

// serve starts the server and returns how to stop it.
func (t *trial) serve(ctx context.Context) (stop func(), err error) {
	log, err := os.Create(filepath.Join(t.scratch, "server.log"))
	if err != nil {
		return nil, err
	}
	c := exec.Command(binary("tokenflexd"), "serve", "--listen", "127.0.0.1:0", "--db", t.db)
	c.Stderr = log
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		c.Process.Signal(os.Interrupt)
		c.Wait()
		log.Close()
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	site, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		stop()
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("the server did not start:\n%s", said)
	}
	t.site = site
	return stop, ctx.Err()
}

// pair makes the account and signs this machine in, as a machine without a browser does.
func (t *trial) pair(ctx context.Context) error {
	token, err := t.output(ctx, "", "tokenflexd", "admin", "token", handle, "--device", "this-machine", "--db", t.db)
	if err != nil {
		return err
	}
	if err := t.run(ctx, os.Stdout, lastLine(token)+"\n", "tokenflexing", "login", "--token-stdin"); err != nil {
		return err
	}
	return t.run(ctx, io.Discard, "", "tokenflexd", "admin", "visibility", handle, "public", "--db", t.db)
}

// home returns the flags that name the home to read: none for the person's own, or a sample if that has no usage.
func (t *trial) home(ctx context.Context) ([]string, error) {
	own, err := t.total(ctx, nil)
	if err != nil {
		return nil, err
	}
	if own.Tokens > 0 {
		fmt.Println("reading your own home")
		return nil, nil
	}
	fmt.Println("no usage of an AI coding tool was found here: reading a sample home instead")
	dir := filepath.Join(t.scratch, "home")
	_, err = samplehome.Write(dir, samplehome.Options{Seed: 1, Until: time.Now(), Days: 75, Sessions: 4})
	return []string{"--home", dir}, err
}

// amount is a total as reports and the board give it.
type amount struct {
	Tokens int64
	Cost   string // dollars with six places
}

// total is what the client counts, by days of UTC as the site does.
func (t *trial) total(ctx context.Context, args []string) (amount, error) {
	var report struct {
		Totals struct {
			Tokens int64  `json:"total_tokens"`
			Cost   string `json:"cost_usd"`
		}
	}
	out, err := t.output(ctx, "", "tokenflexing", append([]string{"daily", "--json", "--timezone", "UTC"}, args...)...)
	if err != nil {
		return amount{}, err
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		return amount{}, fmt.Errorf("daily --json: %w", err)
	}
	return amount(report.Totals), nil
}

// compare checks that the board shows what the client counts.
func (t *trial) compare(ctx context.Context, args []string) error {
	want, err := t.total(ctx, args)
	if err != nil {
		return err
	}
	body, err := get(ctx, t.site+"/api/v1/leaderboard?period=all")
	if err != nil {
		return err
	}
	var board struct {
		Items []struct {
			Handle string
			Tokens int64
			Cost   int64 `json:"cost_uusd"`
		}
	}
	if err := json.Unmarshal(body, &board); err != nil {
		return fmt.Errorf("board: %w", err)
	}
	var got amount
	for _, i := range board.Items {
		if i.Handle == handle {
			got = amount{i.Tokens, fmt.Sprintf("%d.%06d", i.Cost/1_000_000, i.Cost%1_000_000)}
		}
	}
	if got != want || want.Tokens == 0 {
		return fmt.Errorf("the board shows %d tokens and $%s, this machine counts %d and $%s", got.Tokens, got.Cost, want.Tokens, want.Cost)
	}
	page, err := get(ctx, t.site+"/?period=all")
	if err != nil {
		return err
	}
	if !bytes.Contains(page, []byte(grouped(want.Tokens))) {
		return fmt.Errorf("the page of the board does not show %s", grouped(want.Tokens))
	}
	fmt.Printf("\nthe board shows the same: %s tokens, $%s\n", grouped(got.Tokens), got.Cost)
	return nil
}

func get(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func (t *trial) output(ctx context.Context, in, name string, args ...string) (string, error) {
	var out strings.Builder
	err := t.run(ctx, &out, in, name, args...)
	return out.String(), err
}

// run runs one of the two binaries with its own files in the scratch folder. A partial answer (exit 5) is an answer.
func (t *trial) run(ctx context.Context, out io.Writer, in, name string, args ...string) error {
	c := exec.CommandContext(ctx, binary(name), args...)
	c.Env = append(os.Environ(), "TOKENFLEX_DIR="+filepath.Join(t.scratch, "client"), "TOKENFLEX_SITE="+t.site, "TOKENFLEX_TOKEN=")
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), out, os.Stderr
	err := c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 5 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func binary(name string) string { return filepath.Join("bin", name) }

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// grouped prints n with thousands separated, as pages do.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
