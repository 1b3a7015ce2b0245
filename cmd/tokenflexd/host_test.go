package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
	"tokenflex.ing/internal/wire"
)

// send uploads one row of a day's usage and returns the status.
func send(t *testing.T, origin, token, day string, seq int, input string) int {
	t.Helper()
	body := strings.NewReader(`{"v":1,"seq":` + strconv.Itoa(seq) + `,"rows":[{"day":"` + day + `","source":"codex","model":"gpt-5","input":` + input + `,"requests":1}]}`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+wire.PathUsage, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// The host holds, releases, bans and lets on beside a running server, ends tokens, and finds all of it in the audit.
func TestHostCommands(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	origin, _, stop := serving(t, env)
	defer stop()
	ok := func(args ...string) string {
		t.Helper()
		code, out, errOut := command(t, env, args...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, errOut)
		}
		return strings.TrimSpace(out)
	}
	board := func() string {
		t.Helper()
		_, body := get(t, origin+wire.PathLeaderboard+"?period=all", "")
		return body
	}
	token := ok("admin", "token", "mira", "--device", "ci")
	ok("admin", "visibility", "mira", "public")
	if status := send(t, origin, token, today(), 1, "4711"); status != http.StatusOK {
		t.Fatalf("the upload is answered with %d", status)
	}
	if !strings.Contains(board(), "4711") {
		t.Fatalf("the board is %s", board())
	}

	ok("admin", "hold", "mira", today(), "codex")
	if strings.Contains(board(), "4711") || !strings.Contains(ok("admin", "list"), "mira\theld "+today()+" codex: host") {
		t.Errorf("held, the board is %s, the list\n%s", board(), ok("admin", "list"))
	}
	ok("admin", "release", "mira", today(), "codex")
	if !strings.Contains(board(), "4711") {
		t.Errorf("released, the board is %s", board())
	}

	ok("admin", "ban", "mira")
	if strings.Contains(board(), "mira") || send(t, origin, token, today(), 2, "5000") != http.StatusForbidden || !strings.Contains(ok("admin", "list"), "banned") {
		t.Errorf("banned, the board is %s", board())
	}
	ok("admin", "unban", "mira")
	if !strings.Contains(board(), "mira") {
		t.Errorf("let on, the board is %s", board())
	}

	list := ok("token", "list", "mira")
	m := regexp.MustCompile(`^([0-9a-f-]{36})\t…` + token[len(token)-4:] + `\tci\t` + today() + `$`).FindStringSubmatch(list)
	if m == nil {
		t.Fatalf("token list says %q", list)
	}
	if code, _, errOut := command(t, env, "token", "revoke", "mira", "nonsense"); code != 1 || !strings.Contains(errOut, "no live token") {
		t.Errorf("revoking nonsense: %d %q", code, errOut)
	}
	ok("token", "revoke", "mira", m[1])
	if status, _ := get(t, origin+wire.PathMe, token); status != http.StatusUnauthorized {
		t.Errorf("the revoked token answers %d", status)
	}
	second := ok("admin", "token", "mira")
	ok("token", "revoke", "mira", "all")
	if status, _ := get(t, origin+wire.PathMe, second); status != http.StatusUnauthorized || ok("token", "list", "mira") != "" {
		t.Errorf("after all were revoked the second answers %d", status)
	}

	audit := ok("admin", "audit", "--user", "mira")
	for _, act := range []string{"hold\t" + today() + " codex", "release", "ban", "unban", "token"} {
		if !strings.Contains(audit, "\tmira\t"+act) {
			t.Errorf("no %q in the audit\n%s", act, audit)
		}
	}
	if strings.Contains(audit, token) {
		t.Error("the audit holds a token")
	}
	if code, _, _ := command(t, env, "admin", "audit", "--limit", "0"); code != exitUsage {
		t.Errorf("a limit of none: exit %d", code)
	}
}

// The host hands out everything of an account and erases it, when it is sure.
func TestUserCommands(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", dir)
	origin, _, stop := serving(t, env)
	_, out, _ := command(t, env, "admin", "token", "mira", "--device", "ci")
	token := strings.TrimSpace(out)
	if status := send(t, origin, token, today(), 1, "4711"); status != http.StatusOK {
		t.Fatalf("the upload is answered with %d", status)
	}
	code, out, errOut := command(t, env, "user", "export", "mira")
	var export struct {
		Handle string
		Tables map[string][]map[string]any
	}
	if err := json.Unmarshal([]byte(out), &export); code != 0 || err != nil || export.Handle != "mira" || len(export.Tables["usage_day"]) != 1 {
		t.Errorf("export: %d %v %s %.300s", code, err, errOut, out)
	}
	if strings.Contains(out, token) {
		t.Error("the export holds a token")
	}
	if code, _, errOut := command(t, env, "user", "erase", "mira"); code != exitUsage || !strings.Contains(errOut, "--yes") {
		t.Errorf("erased without a word: %d %q", code, errOut)
	}
	if status, _ := get(t, origin+wire.PathMe, token); status != http.StatusOK {
		t.Errorf("the token of an account that is still there answers %d", status)
	}
	if code, _, errOut := command(t, env, "user", "erase", "mira", "--yes"); code != 0 {
		t.Fatal(errOut)
	}
	if status, _ := get(t, origin+wire.PathMe, token); status != http.StatusUnauthorized {
		t.Errorf("the token of an erased account answers %d", status)
	}
	if code, _, _ := command(t, env, "user", "export", "mira"); code != exitFailure {
		t.Errorf("an erased account is exported: %d", code)
	}
	stop()
}

func TestOpenAPICommand(t *testing.T) {
	if code, out, _ := command(t, environment(), "openapi"); code != 0 || !strings.Contains(out, `"openapi"`) {
		t.Errorf("%d %.100q", code, out)
	}
}

// spoil changes a database file from outside.
func spoil(t *testing.T, file string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// doctor names what is wrong with a file, and changes nothing.
func TestDoctorOfAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tokenflexd.db")
	env := environment("TOKENFLEXD_DB", file)
	if code, _, errOut := command(t, env, "doctor"); code != 1 || !strings.Contains(errOut, "no such file") {
		t.Errorf("no file: %d %q", code, errOut)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it made the file")
	}
	_, out, _ := command(t, env, "migrate", "--dry-run")
	if !strings.Contains(out, "0001_schema.sql\n") {
		t.Errorf("a dry run of a new file says %q", out)
	}
	if code, _, errOut := command(t, env, "migrate"); code != 0 {
		t.Fatal(errOut)
	}
	if _, out, _ = command(t, env, "migrate", "--dry-run"); out != "0 to run\n" {
		t.Errorf("a dry run afterwards says %q", out)
	}
	if code, out, errOut := command(t, env, "doctor"); code != 0 || !strings.Contains(out, "safe to serve") {
		t.Fatalf("a new database: %d %q %q", code, out, errOut)
	}
	if code, _, _ := command(t, env, "doctor", "--attack"); code != exitUsage {
		t.Errorf("attacking a file: exit %d", code)
	}
	spoil(t, file, "DROP TRIGGER guard_users_update", "DROP TRIGGER guard_tokens_insert")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, _ := command(t, env, "doctor")
	for _, fault := range []string{"guard_users_update", "guard_tokens_insert", "0644"} {
		if code != 1 || !strings.Contains(out, fault) {
			t.Errorf("exit %d, no word of %s in\n%s", code, fault, out)
		}
	}
	spoil(t, file, "UPDATE goose_db_version SET version_id = 9998 WHERE id = (SELECT max(id) FROM goose_db_version)")
	if _, out, _ = command(t, env, "doctor"); !strings.Contains(out, "the schema is 9998") {
		t.Errorf("another schema: %q", out)
	}
}

// An account can be made without a link, once.
func TestAccountsAreMade(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	for _, tt := range []struct {
		handle string
		code   int
		says   string
	}{{"mira", 0, "made the account mira, private"}, {"mira", exitFailure, "tokenflexd admin invite mira"}, {"Mira", exitUsage, "no handle"}} {
		if code, out, errOut := command(t, env, "admin", "create", tt.handle); code != tt.code || out != "" || !strings.Contains(errOut, tt.says) {
			t.Errorf("create %s: exit %d, %q, %q", tt.handle, code, out, errOut)
		}
	}
	command(t, env, "admin", "ban", "mira")
	if code, out, errOut := command(t, env, "admin", "invite", "mira"); code != exitFailure || out != "" || !strings.Contains(errOut, "admin unban mira") {
		t.Errorf("a link that opens nothing: exit %d, %q, %q", code, out, errOut)
	}
	command(t, env, "admin", "unban", "mira")
	if _, out, _ := command(t, env, "admin", "list"); !strings.HasPrefix(out, "mira\tprivate\t") || strings.Count(out, "\n") != 1 {
		t.Errorf("there are\n%s", out)
	}
}
