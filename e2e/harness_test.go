// Package e2e runs the two real binaries against each other, as a person and a host would.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store/postgres/pgtest"
)

var (
	bin     string          // folder of the binaries
	cluster *pgtest.Cluster // nil if PostgreSQL is not installed
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "e2e-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		bin = dir
		build := exec.Command("go", "build", "-o", dir, "tokenflex.ing/cmd/tokenflexing", "tokenflex.ing/cmd/tokenflexd")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s", out)
			return 1
		}
		if err := openSources(); err != nil {
			panic(err)
		}
		if cluster, err = pgtest.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer cluster.Stop()
		return m.Run()
	}())
}

// openSources opens whatever the binaries are made of. The cache of test results goes by what a test opens: without this it would
// serve old results for new binaries.
func openSources() error {
	for _, root := range []string{"../cmd", "../internal", "../deploy", "../docs"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.Contains(name, "testdata") {
				return err
			}
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			return f.Close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// host is a running server and its database.
type host struct {
	t        *testing.T
	site, db string
	adminDB  string // the same database, for the host's own commands
	log      *journal
	process  *exec.Cmd
}

// journal takes what a running program writes, and can be read meanwhile.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// serve starts a server on a new file.
func serve(t *testing.T) *host {
	t.Helper()
	db := filepath.Join(t.TempDir(), "tokenflexd.db")
	return serveOn(t, db, db)
}

// serveOn starts a server on a database. When the test ends it is stopped, and its log must say nothing secret.
func serveOn(t *testing.T, db, adminDB string, args ...string) *host {
	t.Helper()
	h := &host{t: t, db: db, adminDB: adminDB, log: new(journal)}
	h.start(append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	t.Cleanup(func() {
		h.stop()
		redacted(t, h.log.String())
	})
	return h
}

func (h *host) start(args ...string) {
	t := h.t
	t.Helper()
	c := exec.Command(filepath.Join(bin, "tokenflexd"), append([]string{"serve", "--db", h.db}, args...)...)
	c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	c.Stderr = h.log
	h.run(c)
}

// run starts the server by a command and waits until it is ready.
func (h *host) run(c *exec.Cmd) {
	t := h.t
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	h.process = c
	line, _ := bufio.NewReader(out).ReadString('\n')
	site, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the server said %q\n%s", line, h.log)
	}
	h.site = site
}

// stop interrupts the server and waits until it has ended in peace. Stopping it again does nothing.
func (h *host) stop() {
	h.t.Helper()
	if h.process.ProcessState != nil {
		return
	}
	h.process.Process.Signal(os.Interrupt)
	if err := h.process.Wait(); err != nil {
		h.t.Errorf("the server did not stop in peace: %v\n%s", err, h.log)
	}
}

// kill ends the server as a power failure would.
func (h *host) kill() {
	h.t.Helper()
	h.process.Process.Kill()
	h.process.Wait()
}

// tokenflexd runs one of the host's commands and returns what it prints; the exit code must be the one wanted.
func tokenflexd(t *testing.T, want int, args ...string) (out, errOut string) {
	t.Helper()
	c := exec.Command(filepath.Join(bin, "tokenflexd"), args...)
	c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err := c.Run()
	if code := c.ProcessState.ExitCode(); code != want {
		t.Fatalf("tokenflexd %v: exit %d, want %d, %v\n%s%s", args, code, want, err, &o, &e)
	}
	return o.String(), e.String()
}

// secrets are what no line of a log may hold.
var secrets = map[string]*regexp.Regexp{
	"a token":           regexp.MustCompile(`tf_live_`),
	"a cookie":          regexp.MustCompile(`(?i)tokenflex=|"cookie|set-cookie`),
	"a link":            regexp.MustCompile(`/signin/[A-Za-z0-9_-]{20,}`),
	"a header":          regexp.MustCompile(`(?i)bearer |authorization`),
	"a code":            regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b`),
	"a body":            regexp.MustCompile(`"rows"|"seq"|user_code=|cache_read`),
	"a whole address":   regexp.MustCompile(`\b(\d{1,3}\.){3}[1-9]\d{0,2}\b|::1\b`),
	"a query":           regexp.MustCompile(`\?[a-z_]+=`),
	"what a person saw": regexp.MustCompile(`CANARY`),
	"SQL":               regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE) \w`),
}

// redacted holds every line of a log to being JSON with nothing secret in it.
func redacted(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
		for what, pattern := range secrets {
			if pattern.MatchString(line) {
				t.Errorf("the log holds %s: %s", what, line)
			}
		}
	}
}

// admin runs an admin command and returns the last line it prints.
func (h *host) admin(args ...string) string {
	h.t.Helper()
	out, _ := tokenflexd(h.t, 0, append(append([]string{"admin"}, args...), "--db", h.adminDB)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

// get returns a page or a document as anybody sees it.
func (h *host) get(path string) string {
	h.t.Helper()
	return fetch(h.t, http.DefaultClient, h.site+path)
}

func fetch(t *testing.T, c *http.Client, address string) string {
	t.Helper()
	answer, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v\n%s", address, answer.Status, err, b)
	}
	return string(b)
}

// person is somebody with a browser, without script.
type person struct {
	t    *testing.T
	host *host
	http *http.Client
}

// arrive signs in by a one-time link.
func (h *host) arrive(handle string) person {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	p := person{h.t, h, &http.Client{Jar: jar}}
	link := h.admin("invite", handle, "--site", h.site)
	fetch(h.t, p.http, link)
	p.post(strings.TrimPrefix(link, h.site), nil)
	return p
}

// post sends a form of a page and returns the page that follows.
func (p person) post(path string, form url.Values) string {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.host.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", p.host.site)
	answer, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("POST %s: %s, %v\n%s", path, answer.Status, err, b)
	}
	return string(b)
}

// machine is a computer with a home and a client.
type machine struct {
	t    *testing.T
	home string
	env  []string
	said *bytes.Buffer // everything the client ever printed
}

func newMachine(t *testing.T, site string) *machine {
	t.Helper()
	home := t.TempDir()
	return &machine{t: t, home: home, said: new(bytes.Buffer), env: []string{
		"HOME=" + home, "USERPROFILE=" + home, "TZ=UTC", "COLUMNS=100", "TOKENFLEX_SITE=" + site, "PATH=" + os.Getenv("PATH")}}
}

func (m *machine) command(args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(bin, "tokenflexing"), args...)
	c.Env = m.env
	return c
}

// run runs the client and returns standard output; the exit code must be the one wanted.
func (m *machine) run(want int, args ...string) string {
	m.t.Helper()
	return m.runIn("", want, args...)
}

func (m *machine) runIn(in string, want int, args ...string) string {
	m.t.Helper()
	c := m.command(args...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &errs
	err := c.Run()
	m.said.Write(out.Bytes())
	m.said.Write(errs.Bytes())
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		m.t.Fatal(err)
	}
	if code != want {
		m.t.Fatalf("%v: exit %d, want %d\n%s%s", args, code, want, &out, &errs)
	}
	return out.String()
}

// login runs the sign-in and hands the code it shows to approve, which is what the person does with it.
func (m *machine) login(want int, approve func(code string), args ...string) string {
	m.t.Helper()
	c := m.command(append([]string{"login"}, args...)...)
	pipe, err := c.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	deadline := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer deadline.Stop()
	var all strings.Builder
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[1] == "enter" {
			approve(fields[2])
		}
	}
	err = c.Wait()
	m.said.WriteString(all.String())
	m.said.Write(errs.Bytes())
	if got := c.ProcessState.ExitCode(); got != want {
		m.t.Fatalf("login: exit %d, want %d, %v\n%s%s", got, want, err, all.String(), &errs)
	}
	return all.String()
}
