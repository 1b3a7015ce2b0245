package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

// total is what some place says was used, in tokens and in micro-dollars.
type total struct{ Tokens, Micro int64 }

func (m *machine) total() total {
	m.t.Helper()
	var report struct {
		Totals struct {
			Tokens   int64  `json:"total_tokens"`
			Cost     string `json:"cost_usd"`
			Unpriced int64  `json:"unpriced_tokens"`
		}
	}
	decode(m.t, m.run(0, "daily", "--json", "--timezone", "UTC"), &report)
	whole, micro, _ := strings.Cut(report.Totals.Cost, ".")
	var t total
	if _, err := fmt.Sscan(whole+micro, &t.Micro); err != nil {
		m.t.Fatal(err)
	}
	t.Tokens = report.Totals.Tokens
	return t
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in\n%.400s", err, text)
	}
}

// stored reads the server's file as it is on disk.
func (h *host) stored() total {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+h.db+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	var t total
	err = db.QueryRow(`SELECT coalesce(sum(input+cache_read+cache_write_5m+cache_write_1h+output),0), coalesce(sum(cost_uusd),0) FROM usage_day`).
		Scan(&t.Tokens, &t.Micro)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

func (h *host) board() total {
	h.t.Helper()
	var board struct {
		Items []struct {
			Tokens int64
			Cost   int64 `json:"cost_uusd"`
		}
	}
	decode(h.t, h.get("/api/v1/leaderboard?period=all"), &board)
	var t total
	for _, i := range board.Items {
		t.Tokens += i.Tokens
		t.Micro += i.Cost
	}
	return t
}

func (h *host) profile(handle string) total {
	h.t.Helper()
	var profile struct {
		Totals struct {
			Tokens int64
			Cost   int64 `json:"cost_uusd"`
		}
	}
	decode(h.t, h.get("/api/v1/users/"+handle), &profile)
	return total{profile.Totals.Tokens, profile.Totals.Cost}
}

func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// From an empty server and a home with usage to a board that shows it: one total everywhere, and nothing leaks on the way.
func TestOneTotalEverywhere(t *testing.T) {
	h := serve(t)
	m := newMachine(t, h.site)
	truth, err := samplehome.Write(m.home, samplehome.Options{Seed: 7, Until: time.Now(), Days: 40, Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	mira := h.arrive("mira")

	said := m.login(0, func(code string) {
		if page := mira.post("/device/lookup", url.Values{"user_code": {strings.ToLower(code)}}); !strings.Contains(page, code) || !strings.Contains(page, "studio") {
			t.Errorf("the page to compare on does not show %s and the device's name", code)
		}
		mira.post("/device/decide", url.Values{"user_code": {code}, "decision": {"approve"}})
	}, "--device", "studio")
	if !strings.Contains(said, "signed in as @mira") || !strings.Contains(said, `"studio"`) {
		t.Errorf("login said\n%s", said)
	}
	if info, err := os.Stat(filepath.Join(m.home, ".config/tokenflexing/tokens.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v, %v", info, err)
	}

	m.run(0, "sync")
	first := h.stored()
	if again := m.run(0, "sync"); !strings.Contains(again, "nothing new") || !strings.Contains(again, "on both sides") {
		t.Errorf("the second sync said\n%s", again)
	}
	if diff := cmp.Diff(first, h.stored()); diff != "" {
		t.Errorf("the second sync changed what is stored:\n%s", diff)
	}

	var want usage.Tokens
	for _, d := range truth {
		want = want.Add(d.Tokens)
	}
	client := m.total()
	if client.Tokens != want.Total() || client.Micro == 0 {
		t.Errorf("the client counts %+v, the home holds %d tokens", client, want.Total())
	}
	if board := h.board(); board != (total{}) {
		t.Errorf("a private account is on the board with %+v", board)
	}
	mira.post("/settings/visibility", url.Values{"visibility": {"public"}})
	for place, got := range map[string]total{"stored": h.stored(), "board": h.board(), "profile": h.profile("mira")} {
		if got != client {
			t.Errorf("%s: %+v, the client counts %+v", place, got, client)
		}
	}
	for _, path := range []string{"/?period=all", "/u/mira"} {
		if page := h.get(path); !strings.Contains(page, grouped(client.Tokens)) {
			t.Errorf("%s does not show %s", path, grouped(client.Tokens))
		}
	}
	if strings.Contains(h.get("/api/v1/leaderboard?period=month"), `"mira"`) { // on the first of a month she may not be
		if said, status := m.run(0, "sync"), m.run(0, "status"); !strings.Contains(said, "#1 of 1 by tokens") || !strings.Contains(status, "#1 of 1 by tokens") {
			t.Errorf("the rank is not said:\n%s\n%s", said, status)
		}
		if line := m.run(0, "statusline", "--format", "{rank}"); line != "#1\n" {
			t.Errorf("the prompt's rank is %q", line)
		}
	}
	mira.post("/settings/visibility", url.Values{"visibility": {"private"}})
	if board := h.board(); board != (total{}) {
		t.Errorf("back to private, but still on the board with %+v", board)
	}

	m.run(0, "status")
	m.run(0, "whoami")
	m.run(0)
	m.run(0, "sources")
	noCanary(t, m, h)

	m.run(0, "logout")
	m.run(3, "sync")
}

// noCanary looks for content, and for the token where it may not be, in everything that was written or said.
func noCanary(t *testing.T, m *machine, h *host) {
	t.Helper()
	written := map[string][]byte{"what the client said": m.said.Bytes(), "the server's log": []byte(h.log.String())}
	dirs := []string{filepath.Join(m.home, ".config"), filepath.Join(m.home, ".local"), filepath.Join(m.home, ".cache")}
	if filepath.IsAbs(h.db) { // a file
		dirs = append(dirs, filepath.Dir(h.db))
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			b, err := os.ReadFile(name)
			written[name] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range written {
		if bytes.Contains(b, []byte("CANARY")) {
			t.Errorf("%s holds content", name)
		}
		if bytes.Contains(b, []byte("tf_live_")) && filepath.Base(name) != "tokens.json" && !bytes.Contains(b, []byte("tf_live_…")) {
			t.Errorf("%s holds a token", name)
		}
	}
	if len(written) < len(dirs)+1 {
		t.Errorf("only %d files were looked at", len(written))
	}
}

// What a dry run prints is what the next sync sends, byte for byte, and it goes to one place.
func TestDryRunIsWhatIsSent(t *testing.T) {
	var mu sync.Mutex
	var sent, asked []string
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.Path)
		if r.Method == http.MethodPost {
			b, _ := io.ReadAll(r.Body)
			sent = append(sent, string(b))
		}
		fmt.Fprint(w, `{"handle":"mira","device":{"id":1,"name":"studio"}}`)
	}))
	defer site.Close()
	m := newMachine(t, site.URL)
	if _, err := samplehome.Write(m.home, samplehome.Options{Seed: 3, Until: time.Now(), Days: 20, Sessions: 1}); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1")
	shown := m.run(0, "sync", "--dry-run")
	mu.Lock()
	if len(asked) != 0 {
		t.Fatalf("a dry run asked %v", asked)
	}
	mu.Unlock()
	m.env = append(m.env, "TOKENFLEX_TOKEN=tf_live_0000000000000000000000000000000000000000000000000")
	m.run(0, "sync")
	mu.Lock()
	defer mu.Unlock()
	if len(sent) == 0 || sent[0] != shown {
		t.Errorf("sent %d requests, the first\n%.300s\nshown\n%.300s", len(sent), strings.Join(sent[:min(1, len(sent))], ""), shown)
	}
	for _, a := range asked {
		if a != "POST /api/v1/usage" && a != "GET /api/v1/me" {
			t.Errorf("asked for %s", a)
		}
	}
}

// Two servers: each gets its own token and never the other's.
func TestEachSiteHasItsOwnToken(t *testing.T) {
	one, two := serve(t), serve(t)
	m := newMachine(t, one.site)
	m.runIn(one.admin("token", "mira")+"\n", 0, "login", "--token-stdin")
	m.run(0, "whoami")
	m.env = append(m.env, "TOKENFLEX_SITE="+two.site)
	m.run(3, "whoami")
	m.runIn(two.admin("token", "max")+"\n", 0, "login", "--token-stdin")
	if said := m.run(0, "whoami"); !strings.Contains(said, "@max") {
		t.Errorf("on the second site: %s", said)
	}
	m.env = append(m.env, "TOKENFLEX_SITE="+one.site)
	if said := m.run(0, "whoami"); !strings.Contains(said, "@mira") {
		t.Errorf("on the first site: %s", said)
	}
	// A token of one server is nothing to the other.
	m.env = append(m.env, "TOKENFLEX_TOKEN="+two.admin("token", "max", "--device", "other"))
	m.run(3, "sync")
}

// Two machines of one person add up; a day that one of them deletes stays.
func TestDevicesAddUpAndHistoryStays(t *testing.T) {
	h := serve(t)
	var sum total
	var homes []*machine
	for seed, name := range []string{"desk", "sofa"} {
		m := newMachine(t, h.site)
		if _, err := samplehome.Write(m.home, samplehome.Options{Seed: uint64(10 + seed), Until: time.Now(), Days: 15, Sessions: 1}); err != nil {
			t.Fatal(err)
		}
		m.runIn(h.admin("token", "mira", "--device", name)+"\n", 0, "login", "--token-stdin")
		m.run(0, "sync")
		own := m.total()
		sum.Tokens, sum.Micro = sum.Tokens+own.Tokens, sum.Micro+own.Micro
		homes = append(homes, m)
	}
	if got := h.stored(); got != sum {
		t.Errorf("stored %+v, the two machines count %+v", got, sum)
	}
	if err := os.RemoveAll(filepath.Join(homes[0].home, ".claude")); err != nil {
		t.Fatal(err)
	}
	if said := homes[0].run(0, "sync"); !strings.Contains(said, "nothing new") || !strings.Contains(said, "on both sides") {
		t.Errorf("after the tool deleted its history, sync said\n%s", said)
	}
	if got := h.stored(); got != sum {
		t.Errorf("stored %+v after a tool deleted its history, before it %+v", got, sum)
	}
}

// What is forgotten with --server is gone from the site too, of this device alone, and only that: what still counts of the same UTC
// days, and what other devices sent, stays. Fails where the days are not sent again after they were deleted.
func TestForgottenThereToo(t *testing.T) {
	h := serve(t)
	var machines []*machine
	for seed, name := range []string{"desk", "sofa"} {
		m := newMachine(t, h.site)
		if _, err := samplehome.Write(m.home, samplehome.Options{Seed: uint64(20 + seed), Until: time.Now(), Days: 15, Sessions: 2}); err != nil {
			t.Fatal(err)
		}
		m.runIn(h.admin("token", "mira", "--device", name)+"\n", 0, "login", "--token-stdin")
		m.run(0, "sync")
		machines = append(machines, m)
	}
	m, other := machines[0], machines[1].total()
	sum := func(a, b total) total { return total{a.Tokens + b.Tokens, a.Micro + b.Micro} }
	if want := sum(m.total(), other); h.stored() != want {
		t.Fatalf("stored %+v, want %+v", h.stored(), want)
	}
	before := m.total()
	for _, what := range [][]string{{"--source", "claude-code"}, {"--since", "12d", "--until", "2d", "--timezone", "Asia/Kolkata"}, {"--all"}} {
		said := m.run(0, append([]string{"forget", "--server"}, what...)...)
		left := m.total()
		if left.Tokens > before.Tokens || !strings.Contains(said, "of this device on") {
			t.Errorf("forget %v left %d of %d tokens and said %s", what, left.Tokens, before.Tokens, said)
		}
		if got, want := h.stored(), sum(left, other); got != want {
			t.Errorf("after forgetting %v: stored %+v, want %+v", what, got, want)
		}
		before = left
	}
	if before.Tokens != 0 {
		t.Errorf("%d tokens are left of all", before.Tokens)
	}
	if said := m.run(0, "sync"); !strings.Contains(said, "nothing") {
		t.Errorf("the next sync says %s", said)
	}
	m.run(0, "logout")
	m.run(3, "forget", "--all", "--server")
}

// A refusal in the browser ends the sign-in, and a revoked device is signed out at its next request.
func TestSayingNo(t *testing.T) {
	h := serve(t)
	m := newMachine(t, h.site)
	mira := h.arrive("mira")
	m.login(1, func(code string) {
		mira.post("/device/lookup", url.Values{"user_code": {code}})
		mira.post("/device/decide", url.Values{"user_code": {code}, "decision": {"deny"}})
	})
	if !strings.Contains(m.said.String(), "denied in the browser") {
		t.Errorf("login said\n%s", m.said)
	}
	m.runIn(h.admin("token", "mira", "--device", "studio")+"\n", 0, "login", "--token-stdin")
	m.run(0, "whoami")
	page := fetch(t, mira.http, h.site+"/settings")
	_, rest, ok := strings.Cut(page, `action="/settings/devices/`)
	id, _, _ := strings.Cut(rest, "/")
	if !ok {
		t.Fatal("the settings list no device")
	}
	mira.post("/settings/devices/"+id+"/revoke", nil)
	m.run(3, "whoami")
	m.run(3, "sync")
	if !strings.Contains(m.said.String(), "revoked or has expired") {
		t.Errorf("said\n%s", m.said)
	}
}
