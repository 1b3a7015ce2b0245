package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/wire"
)

// output is where a command writes, read while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// command runs one command to its end.
func command(t *testing.T, env func(string) (string, bool), args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, env, &o, &e)
	return code, o.String(), e.String()
}

// serving starts a server and returns its origin, and how to stop it and learn its exit code.
func serving(t *testing.T, env func(string) (string, bool), args ...string) (origin string, log *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	log = &output{}
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), env, w, log)
		w.Close()
		ended <- code
	}()
	out := bufio.NewReader(r)
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("no line: %v\n%s", err, log)
	}
	rest := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(out) // ends when the server does
		rest <- string(b)
	}()
	m := regexp.MustCompile(`^listening on (https?://127\.0\.0\.1:\d+)\n$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("it says %q", line)
	}
	return m[1], log, func() int {
		cancel()
		if more := <-rest; more != "" {
			t.Errorf("it also says %q", more)
		}
		return <-ended
	}
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// A server says one line, takes what the admin commands make beside it, and ends when it is told to.
func TestServeAndAdminAtOnce(t *testing.T) {
	db := filepath.Join(t.TempDir(), "state", "x.db")
	env := environment("TOKENFLEXD_DB", db)
	origin, log, stop := serving(t, env)

	code, out, errOut := command(t, env, "admin", "invite", "mira")
	link := strings.TrimSpace(out)
	if code != 0 || !regexp.MustCompile(`^`+origin+`/signin/[A-Za-z0-9_-]{43}$`).MatchString(link) || !strings.Contains(errOut, "once") {
		t.Fatalf("invite: %d %q %q", code, out, errOut)
	}
	if status, body := get(t, link, ""); status != http.StatusOK || !strings.Contains(body, "mira") {
		t.Errorf("the link answers %d", status)
	}
	code, out, errOut = command(t, env, "admin", "token", "mira", "--device", "ci")
	token := strings.TrimSuffix(out, "\n")
	if code != 0 || !regexp.MustCompile(`^tf_live_[0-9A-Za-z]{49}$`).MatchString(token) {
		t.Fatalf("token: %d %q %q", code, out, errOut)
	}
	_, body := get(t, origin+wire.PathMe, token)
	var me wire.Me
	if err := json.Unmarshal([]byte(body), &me); err != nil || me.Handle != "mira" || me.Device.Name != "ci" || me.Visibility != "private" {
		t.Errorf("me is %s", body)
	}
	if code, _, errOut := command(t, env, "admin", "visibility", "mira", "public"); code != 0 {
		t.Errorf("visibility: %s", errOut)
	}
	if status, _ := get(t, origin+"/u/mira", ""); status != http.StatusOK {
		t.Errorf("the public profile answers %d", status)
	}
	if code, out, _ := command(t, env, "admin", "list"); code != 0 || !strings.Contains(out, "mira\tpublic") {
		t.Errorf("list: %d %q", code, out)
	}
	if code, out, errOut := command(t, env, "healthcheck", "--listen", strings.TrimPrefix(origin, "http://")); code != 0 || out != "ready\n" {
		t.Errorf("healthcheck: %d %q %q", code, out, errOut)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if code, _, _ := command(t, env, "healthcheck", "--listen", strings.TrimPrefix(origin, "http://")); code == 0 {
		t.Error("healthcheck of a server that has stopped is fine")
	}
	for _, secret := range []string{token, link, strings.TrimPrefix(link, origin+"/signin/")} {
		if strings.Contains(log.String(), secret) {
			t.Error("the log holds a secret")
		}
	}
	if info, err := os.Stat(db); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database: %v %v", info, err)
	}
}

// What was stored is there after a restart.
func TestRestart(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	_, _, stop := serving(t, env)
	_, out, _ := command(t, env, "admin", "token", "mira")
	stop()
	origin, _, stop := serving(t, env, "--site", "https://tokenflex.example")
	defer stop()
	if status, _ := get(t, origin+wire.PathMe, strings.TrimSpace(out)); status != http.StatusOK {
		t.Errorf("the token answers %d", status)
	}
	if _, body := get(t, origin+wire.PathDiscovery, ""); !strings.Contains(body, `"issuer":"https://tokenflex.example"`) {
		t.Errorf("the site is not as it was set: %s", body)
	}
}

// A request that is being answered when the server is told to stop gets its answer.
func TestStopLetsRequestsFinish(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	origin, _, stop := serving(t, env)
	_, out, _ := command(t, env, "admin", "token", "mira")
	body, feed := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+wire.PathUsage, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(out))
	r.Header.Set("Expect", "100-continue") // so that the first byte is taken only once the handler reads
	answered := make(chan int, 1)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		answer.Body.Close()
		answered <- answer.StatusCode
	}()
	day := time.Now().UTC().Format(time.DateOnly)
	io.WriteString(feed, `{"v":1,"seq":1,"rows":[{"day":"`+day+`","source":"codex",`)
	ended := make(chan int, 1)
	go func() { ended <- stop() }()
	io.WriteString(feed, `"model":"gpt-5","input":1,"requests":1}]}`)
	feed.Close()
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the upload is answered with %d", status)
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", dir)
	for _, tt := range []struct {
		name string
		env  func(string) (string, bool)
		args []string
		code int
		says string
	}{
		{"another machine's http", env, []string{"serve", "--listen", "0.0.0.0:0"}, 2, "--trusted-proxy"},
		{"every address", env, []string{"serve", "--listen", ":0"}, 2, "--trusted-proxy"},
		{"from the environment too", environment("STATE_DIRECTORY", dir, "TOKENFLEXD_LISTEN", "0.0.0.0:0"), []string{"serve"}, 2, "--trusted-proxy"},
		{"no port", env, []string{"serve", "--listen", "127.0.0.1"}, 2, "port"},
		{"a proxy that is none", env, []string{"serve", "--trusted-proxy", "everybody"}, 2, "everybody"},
		{"a site with a path", env, []string{"serve", "--listen", "127.0.0.1:0", "--site", "https://x.example/a"}, 2, "origin"},
		{"postgres", env, []string{"serve", "--db", "postgres://tf_app@127.0.0.1:1/x"}, 1, "cannot be reached as tf_app"},
		{"a version that is none", env, []string{"serve", "--min-client", "new"}, 2, "1.2.0"},
		{"a revision of nothing", env, []string{"serve", "--min-parser", "codex"}, 2, "codex=3"},
		{"a scale of nothing", env, []string{"serve", "--limit-scale", "0"}, 2, "1000"},
		{"a scale of words", environment("STATE_DIRECTORY", dir, "TOKENFLEXD_LIMIT_SCALE", "x"), []string{"serve"}, 2, "TOKENFLEXD_LIMIT_SCALE"},
		{"a handle that is none", env, []string{"admin", "invite", "Mira!"}, 2, "handle"},
		{"no handle", env, []string{"admin", "token"}, 2, "HANDLE"},
		{"a device name that lies", env, []string{"admin", "token", "mira", "--device", "x\u202ey"}, 2, "printable"},
		{"nobody made public", env, []string{"admin", "visibility", "nobody", "public"}, 1, "admin invite nobody"},
		{"an odd visibility", env, []string{"admin", "visibility", "mira", "loud"}, 2, "loud"},
		{"nothing to release", env, []string{"admin", "release", "mira", "2026-11-20", "codex"}, 1, "nothing under review"},
		{"no such command", env, []string{"serf"}, 2, "serf"},
		{"no such admin command", env, []string{"admin", "ban"}, 2, "ban"},
		{"help about no command", env, []string{"help", "serf"}, 2, "serf"},
		{"help about no admin command", env, []string{"help", "admin", "promote"}, 2, "promote"},
		{"no such flag", env, []string{"serve", "--colour"}, 2, "--colour"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errOut := command(t, tt.env, tt.args...)
			if code != tt.code || !strings.Contains(errOut, tt.says) || strings.Contains(out, "listening") {
				t.Errorf("exit %d, want %d: %q %q", code, tt.code, out, errOut)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	code, out, _ := command(t, environment(), "version")
	if code != 0 || !strings.HasPrefix(out, "tokenflexd ") {
		t.Errorf("%d %q", code, out)
	}
	if code, flag, _ := command(t, environment(), "--version"); code != 0 || flag != out {
		t.Errorf("--version: %d %q, want %q", code, flag, out)
	}
	_, want, _ := command(t, environment(), "admin", "ban", "--help")
	if code, got, _ := command(t, environment(), "help", "admin", "ban"); code != 0 || got != want || got == "" {
		t.Errorf("help admin ban: %d %q, want %q", code, got, want)
	}
}
