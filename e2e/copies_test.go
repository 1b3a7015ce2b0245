package e2e

import (
	"encoding/base64"
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
)

// answer is what each response of a chat costs in tokens.
const answer = 7 + 100

// chat leaves a session of Claude Code on the machine: n responses of a day, counted back from today.
func (m *machine) chat(session string, daysAgo, n int) {
	m.t.Helper()
	at := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysAgo)
	if daysAgo == 0 {
		m.t.Fatal("today may end before the test does")
	}
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"type":"assistant","sessionId":%q,"requestId":"req_NAMED_%[1]s_%[2]d_%[3]d","timestamp":%[4]q,"message":{"id":"msg_NAMED_%[1]s_%[2]d_%[3]d","model":"claude-haiku-4-5","content":[{"type":"text","text":"CANARY"}],"usage":{"input_tokens":7,"output_tokens":100}}}`+"\n",
			session, daysAgo, i, at.Add(10*time.Hour+time.Duration(i)*time.Second).Format("2006-01-02T15:04:05.000Z"))
	}
	file := filepath.Join(m.home, ".claude/projects/p", fmt.Sprintf("%s-%d.jsonl", session, daysAgo))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// copied is another machine with a copy of what the tools left on m, all of it written later.
func (m *machine) copied() *machine {
	m.t.Helper()
	other := newMachine(m.t, "")
	other.env = append(append([]string(nil), m.env...), "HOME="+other.home, "USERPROFILE="+other.home)
	if err := os.CopyFS(filepath.Join(other.home, ".claude"), os.DirFS(filepath.Join(m.home, ".claude"))); err != nil {
		m.t.Fatal(err)
	}
	return other
}

// join signs the machine in as a device of the account, and syncs it.
func (m *machine) join(h *host, handle, device string) {
	m.t.Helper()
	m.runIn(h.admin("token", handle, "--device", device)+"\n", 0, "login", "--token-stdin")
	m.run(0, "sync")
}

// public makes an account that everybody sees.
func (h *host) public(handle string) person {
	h.t.Helper()
	p := h.arrive(handle)
	p.post("/settings/visibility", url.Values{"visibility": {"public"}})
	return p
}

func (h *host) wantTokens(what, handle string, responses int) {
	h.t.Helper()
	if got := h.profile(handle).Tokens; got != int64(responses)*answer {
		h.t.Errorf("%s: %d tokens count, want %d", what, got, responses*answer)
	}
}

// keepsNames looks for ids of responses, and for the key that hides them, in everything that the site has and anybody was told.
func (m *machine) keepsNames(h *host) {
	m.t.Helper()
	tokens, err := os.ReadFile(filepath.Join(m.home, ".config/tokenflexing/tokens.json"))
	if err != nil {
		m.t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(tokens), `"sketch_key": "`)
	key, _, _ := strings.Cut(rest, `"`)
	raw, err := base64.StdEncoding.DecodeString(key)
	if !ok || err != nil || len(raw) != 32 {
		m.t.Fatalf("no key beside the token: %v", err)
	}
	seen := map[string]string{"the log": h.log.String(), "what the client said": m.said.String(), "a dry run": m.run(0, "sync", "--dry-run")}
	err = filepath.WalkDir(filepath.Dir(h.db), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := os.ReadFile(name)
			seen[name] = string(b)
		}
		return err
	})
	if err != nil || len(seen) < 4 {
		m.t.Fatalf("%d things to look at, %v", len(seen), err)
	}
	for name, text := range seen {
		for what, secret := range map[string]string{"an id": "NAMED", "the key": key, "the key's bytes": string(raw)} {
			if strings.Contains(text, secret) {
				m.t.Errorf("%s holds %s", name, what)
			}
		}
	}
}

// What was copied from one machine to another counts once, be it a single day; work of their own on both counts twice. The board, the
// profile, both devices and the owner's page say the same.
func TestCopiedDaysCountOnce(t *testing.T) {
	h := serve(t)
	for _, tt := range []struct {
		name         string
		before       func(m *machine) // the copy
		laptop, desk func(m *machine) // after it
		counts       int              // responses
		shared       string           // how much of a day, as is told
	}{
		{"one-day", func(m *machine) { m.chat("a", 1, 20) }, nil, nil, 20, "100"},
		{"three-days", func(m *machine) { m.chat("a", 1, 20); m.chat("a", 2, 200); m.chat("a", 3, 1) }, nil, nil, 221, "100"},
		{"went-on-on-both", func(m *machine) { m.chat("a", 1, 30) }, func(m *machine) { m.chat("laptop", 1, 10) }, func(m *machine) { m.chat("desk", 1, 20) }, 50, "75"},
		{"long-after", func(m *machine) { m.chat("a", 1, 30) }, func(m *machine) { m.chat("laptop", 1, 40) }, func(m *machine) { m.chat("desk", 1, 50) }, 150, ""},
		{"later-days", func(m *machine) { m.chat("a", 2, 30) }, func(m *machine) { m.chat("laptop", 1, 40) }, func(m *machine) { m.chat("desk", 1, 40) }, 110, "100"},
		{"own-work", func(m *machine) { m.chat("a", 5, 1) }, func(m *machine) { m.chat("laptop", 1, 300) }, func(m *machine) { m.chat("desk", 1, 300) }, 601, "100"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.t = t
			owner := h.public(tt.name)
			laptop := newMachine(t, h.site)
			tt.before(laptop)
			desk := laptop.copied()
			for m, more := range map[*machine]func(*machine){laptop: tt.laptop, desk: tt.desk} {
				if more != nil {
					more(m)
				}
			}
			laptop.join(h, tt.name, "laptop")
			desk.join(h, tt.name, "desk")
			h.wantTokens(tt.name, tt.name, tt.counts)
			said, page := desk.run(0, "status"), fetch(t, owner.http, h.site+"/settings")
			if tt.shared == "" {
				if strings.Contains(said+page, "% of it") {
					t.Errorf("nothing is shared, and status says\n%s", said)
				}
				return
			}
			if !strings.Contains(said, "shares "+tt.shared+" % of it") || !strings.Contains(said, "counts on ") || !strings.Contains(page, "share "+tt.shared+" % of it") {
				t.Errorf("status says\n%s", said)
			}
			if again := desk.run(0, "sync"); !strings.Contains(again, "nothing new") {
				t.Errorf("the second sync says\n%s", again)
			}
			noCanary(t, desk, h)
			desk.keepsNames(h)
		})
	}
	h.t = t
}

// The machine that a day counts on takes it back, and the other's copy counts; the account is erased, and nothing is left.
func TestCopiesOutliveTheirOriginal(t *testing.T) {
	h := serve(t)
	owner := h.public("mira")
	laptop := newMachine(t, h.site)
	laptop.chat("a", 1, 20)
	desk := laptop.copied()
	laptop.join(h, "mira", "laptop")
	desk.join(h, "mira", "desk")
	h.wantTokens("copied", "mira", 20)
	if told, _ := tokenflexd(t, 0, "admin", "list", "--db", h.adminDB); !strings.Contains(told, `claude-code: copy, "desk" shares 100 % with "laptop"`) {
		t.Errorf("the host is told\n%s", told)
	}
	laptop.run(0, "forget", "--all", "--server")
	h.wantTokens("forgotten on the laptop", "mira", 20)
	if said := desk.run(0, "status"); strings.Contains(said, "counts on") {
		t.Errorf("still a copy:\n%s", said)
	}
	owner.post("/settings/erase", url.Values{"confirm": {"mira"}})
	if answer, err := http.Get(h.site + "/api/v1/users/mira"); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("erased: %v, %v", answer.Status, err)
	}
	if left := h.stored(); left != (total{}) {
		t.Errorf("erased, and %+v is left", left)
	}
}

// Two accounts have no key in common: their histories are compared by whole days alone, and five of them make a copy.
func TestCopiesInTwoAccounts(t *testing.T) {
	h := serve(t)
	h.public("mira")
	h.public("adam")
	laptop := newMachine(t, h.site)
	for day := range 4 {
		laptop.chat("a", 1+day, 20+day)
	}
	theirs := laptop.copied()
	laptop.join(h, "mira", "laptop")
	theirs.join(h, "adam", "laptop")
	h.wantTokens("four days", "mira", 86)
	h.wantTokens("four days", "adam", 86)
	for _, m := range []*machine{laptop, theirs} {
		m.chat("a", 5, 24)
		m.run(0, "sync")
	}
	h.wantTokens("five days", "mira", 110)
	if got := h.profile("adam").Tokens; got >= 110*answer {
		t.Errorf("five days of somebody else's: %d tokens count", got)
	}
}

// A machine that has its key shows in a dry run, and then sends, the sketches of its days; one that was signed in before there were any
// gets the key with a sync, and sends the days once more with sketches.
func TestSketchesAreShownAndSent(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	key := ""
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			b, _ := io.ReadAll(r.Body)
			sent = append(sent, string(b))
		}
		fmt.Fprintf(w, `{"handle":"mira","device":{"id":1,"name":"studio"},"sketch_key":%q,"device_total":{"tokens":%d}}`, key, 30*answer)
	}))
	defer site.Close()
	m := newMachine(t, site.URL)
	m.chat("a", 1, 30)
	m.runIn("tf_live_0000000000000000000000000000000000000000000000000\n", 0, "login", "--token-stdin")
	m.run(0, "sync")
	m.run(0, "sync")
	mu.Lock()
	if len(sent) != 1 || strings.Contains(sent[0], "sketches") {
		t.Errorf("without a key %d requests were sent: %.300s", len(sent), sent)
	}
	key, sent = "bm9ib2R5IGtub3dzIHdoYXQgdGhpcyBrZXkgaXMgZm9y", nil
	mu.Unlock()
	m.run(0, "sync") // learns the key, and has nothing new to send
	shown := m.run(0, "sync", "--dry-run")
	said := m.run(0, "sync")
	m.run(0, "sync")
	mu.Lock()
	defer mu.Unlock()
	if len(sent) != 1 || sent[0] != shown || !strings.Contains(shown, `"sketches":[{"day":"`) {
		t.Errorf("sync said %s and sent %d requests:\n%.900s\nshown\n%.900s", said, len(sent), strings.Join(sent, ""), shown)
	}
	if strings.Contains(m.said.String(), key) {
		t.Error("the key was said")
	}
	if info, err := os.Stat(filepath.Join(m.home, ".config/tokenflexing/tokens.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
}
