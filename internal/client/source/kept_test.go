package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

// scanKept scans a home with a ledger, or without one.
func scanKept(t *testing.T, home, ledger string) *scan.Result {
	t.Helper()
	r, err := scan.Run(context.Background(), scan.Options{Home: home, GOOS: "linux", Zone: time.UTC, Sources: source.All(),
		Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The first, the last and a home in the middle of every source say the same cold, with a new ledger and with a known one; and
// what they said is still counted when all of their files are gone.
func TestHomesSayTheSameFromTheLedger(t *testing.T) {
	for _, s := range source.All() {
		cases, err := os.ReadDir(filepath.Join("testdata", s.ID))
		if s.Read == nil || err != nil || len(cases) == 0 {
			continue
		}
		for _, i := range []int{0, len(cases) / 2, len(cases) - 1} {
			t.Run(s.ID+"/"+cases[i].Name(), func(t *testing.T) {
				home := source.MakeHome(t, dated(t, filepath.Join("testdata", s.ID, cases[i].Name())))
				ledger := t.TempDir()
				cold := scanKept(t, home, "")
				cold.Kept = true
				for _, when := range []string{"new", "known"} {
					if diff := cmp.Diff(cold, scanKept(t, home, ledger)); diff != "" {
						t.Fatalf("cold (-) and with a ledger that is %s (+)\n%s", when, diff)
					}
				}
				if err := os.RemoveAll(home); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(cold.Cells, scanKept(t, home, ledger).Cells); diff != "" {
					t.Errorf("before (-) and after the tool deleted everything (+)\n%s", diff)
				}
			})
		}
	}
}

// A tool that tells a thing again in other parts than before told it once: neither telling is added to the other.
func TestWhatIsToldAnewInOtherPartsCountsOnce(t *testing.T) {
	const (
		turn = `{"timestamp":1777629605,"params":{"update":{"sessionUpdate":"turn_completed","prompt_id":"p1","usage":{"inputTokens":90,"outputTokens":10,"modelUsage":{"a":{"inputTokens":90,"outputTokens":10}}}}}}` + "\n"
		last = `{"timestamp":1777629606,"params":{"update":{"sessionUpdate":"turn_completed","prompt_id":"p1","usage":{"inputTokens":95,"outputTokens":12,"modelUsage":{"b":{"inputTokens":90,"outputTokens":10},"c":{"inputTokens":5,"outputTokens":2}}}}}}` + "\n"
		said = `"messages":[{"role":"assistant","messageId":2,"usage":{"model":"m","inputTokens":5,"outputTokens":6,"cacheReadInputTokens":7,"timestamp":"2026-05-01T10:00:00Z"}}]}`
		made = `CREATE TABLE sessions (id TEXT, model TEXT, started_at REAL, input_tokens INTEGER, output_tokens INTEGER);
			INSERT INTO sessions VALUES ('s', 'm', 1777629600, 30, 3);`
		split = `CREATE TABLE session_model_usage (session_id TEXT, model TEXT, billing_provider TEXT, input_tokens INTEGER, output_tokens INTEGER);
			INSERT INTO session_model_usage VALUES ('s', 'm1', 'p', 10, 1), ('s', 'm2', 'p', 20, 2);`
	)
	for _, c := range []struct{ name, file, before, after string }{
		{"a turn with other models", ".grok/sessions/w/s/updates.jsonl", turn, turn + last},
		{"an event in the ledger of a message", ".local/share/amp/threads/T-1.json", `{"id":"T-1",` + said,
			`{"id":"T-1","usageLedger":{"events":[{"id":"e1","timestamp":"2026-05-01T10:00:03Z","model":"m","toMessageId":2,"tokens":{"input":5,"output":6}}]},` + said},
		{"sums of every model", ".hermes/state.db", made, made + split},
	} {
		t.Run(c.name, func(t *testing.T) {
			home, ledger := t.TempDir(), t.TempDir()
			name := filepath.Join(home, filepath.FromSlash(c.file))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{c.before, c.after} {
				told := []byte(text)
				if filepath.Ext(name) == ".db" {
					told = source.MakeDatabase(t, text)
				}
				if err := os.WriteFile(name, told, 0o644); err != nil {
					t.Fatal(err)
				}
				want, got := scanKept(t, home, ""), scanKept(t, home, ledger)
				if diff := cmp.Diff(want.Cells, got.Cells); diff != "" || len(got.Cells) == 0 {
					t.Errorf("without a ledger (-) and with one (+)\n%s", diff)
				}
			}
		})
	}
}

// A conversation that is compacted drops messages and moves the others up: with a ledger none is lost, and none counts twice.
func TestMessagesThatMoveUpAreTheSame(t *testing.T) {
	conversation := func(inputs ...int) string {
		var messages []string
		for _, n := range inputs {
			messages = append(messages, fmt.Sprintf(`{"message":{"text":{"role":"Assistant","model":"m"}},"usage":{"prompt_tokens":{"actual":%d},"completion_tokens":{"actual":1}}}`, n))
		}
		return `CREATE TABLE conversations (conversation_id TEXT, context TEXT, updated_at TIMESTAMP);
			INSERT INTO conversations VALUES ('c', '{"messages":[` + strings.Join(messages, ",") + fmt.Sprintf(`]}', '2026-05-%02d 10:00:00');`, len(inputs))
	}
	home, ledger := t.TempDir(), t.TempDir()
	name := filepath.Join(home, ".forge", ".forge.db")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		told []int
		want int64
	}{{[]int{100, 200, 200, 300}, 804}, {[]int{200, 300, 400}, 1205}, {[]int{400}, 1205}} {
		if err := os.WriteFile(name, source.MakeDatabase(t, conversation(c.told...)), 0o644); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for _, cell := range scanKept(t, home, ledger).Cells {
			total += cell.Tokens.Total()
		}
		if total != c.want {
			t.Errorf("after %v: %d, want %d", c.told, total, c.want)
		}
	}
}
