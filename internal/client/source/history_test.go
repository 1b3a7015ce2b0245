package source_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
)

// machine is a home that tools write to, rename in and delete from.
type machine struct {
	t            *testing.T
	random       *rand.Rand
	home, ledger string
	sources      []source.Source
	resident     *scan.Session // one that goes on beside others that come and go
	said         string        // what was done last
}

// files are the names of all files, of those that grow by lines if lines is set.
func (m *machine) files(lines bool) (names []string) {
	err := filepath.WalkDir(m.home, func(name string, d fs.DirEntry, err error) error {
		// What OpenCode's parts lost, the messages that they complete lose too: they are not files of their own. Neither are
		// settings, without which nobody looks in the folders that they name.
		if err == nil && d.Type().IsRegular() && (!lines || strings.HasSuffix(name, ".jsonl")) && !strings.Contains(name, "/storage/part/") && d.Name() != "settings.json" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return names
}

func (m *machine) check(err error) {
	if err != nil {
		m.t.Helper()
		m.t.Fatal(m.said, err)
	}
}

// do does one thing to one file, and reports whether something that was there is gone afterwards.
func (m *machine) do(lose bool) (lost bool) {
	kinds := []string{"append", "rename", "touch", "copy", "revise"}
	if lose {
		kinds = append(kinds, "delete", "delete", "truncate", "halve")
	}
	kind := kinds[m.random.IntN(len(kinds))]
	names := m.files(kind == "append" || kind == "copy" || kind == "halve")
	if len(names) == 0 {
		return false
	}
	name := names[m.random.IntN(len(names))]
	m.said = kind + " " + strings.TrimPrefix(name, m.home)
	text, err := os.ReadFile(name)
	m.check(err)
	lines := bytes.SplitAfter(text, []byte("\n"))
	switch kind {
	case "append":
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		m.check(err)
		_, err = f.Write(lines[m.random.IntN(len(lines))])
		m.check(err)
		m.check(f.Close())
	case "copy":
		m.check(os.WriteFile(strings.TrimSuffix(name, ".jsonl")+"0.jsonl", text, 0o644))
	case "rename":
		m.check(os.Rename(name, name+".tmp"))
		m.check(os.Rename(name+".tmp", name))
	case "touch":
		info, err := os.Stat(name)
		m.check(err)
		m.check(os.WriteFile(name, text, 0o644))
		m.check(os.Chtimes(name, info.ModTime(), info.ModTime()))
	case "revise":
		m.sources[m.random.IntN(len(m.sources))].Revision++
	case "delete":
		m.check(os.Remove(name))
	case "truncate":
		m.check(os.WriteFile(name, nil, 0o644))
	case "halve":
		m.check(os.WriteFile(name, bytes.Join(lines[:len(lines)/2], nil), 0o644))
	}
	return kind == "delete" || kind == "truncate" || kind == "halve"
}

// damage changes a byte of the ledger, anywhere but in what it keeps of a file: that is nowhere else.
func (m *machine) damage(random *rand.Rand) {
	names, err := filepath.Glob(filepath.Join(m.ledger, "history-*"))
	m.check(err)
	if len(names) == 0 {
		return
	}
	name := names[len(names)-1]
	text, err := os.ReadFile(name)
	m.check(err)
	at := random.IntN(len(text))
	for inRecord(text, at) {
		at = random.IntN(len(text))
	}
	m.said += fmt.Sprintf(", and damage of byte %d", at)
	text[at] ^= byte(1 + random.IntN(255))
	m.check(os.WriteFile(name, text, 0o600))
}

// inRecord reports whether a byte of a ledger is of a record, which begins with a mark and its size.
func inRecord(text []byte, at int) bool {
	mark := bytes.LastIndex(text[:min(at+4, len(text))], []byte("TFLs"))
	return mark >= 0 && at < mark+int(binary.LittleEndian.Uint32(text[mark+4:]))
}

func (m *machine) scan(ledger string) *scan.Result {
	m.t.Helper()
	o := scan.Options{Home: m.home, GOOS: "linux", Zone: time.UTC, Sources: m.sources, Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Ledger: ledger}
	if ledger != "" && m.random.IntN(2) == 0 {
		if m.resident == nil {
			m.resident = scan.NewSession(o)
			m.t.Cleanup(m.resident.Close)
		}
		r, err := m.resident.Scan(m.t.Context(), o.Now)
		m.check(err)
		return r
	}
	r, err := scan.Run(m.t.Context(), o)
	m.check(err)
	return r
}

// newMachine puts homes of a few sources into one.
func newMachine(t *testing.T, random *rand.Rand) *machine {
	m := &machine{t: t, random: random, home: t.TempDir(), ledger: t.TempDir(), sources: source.All()}
	var counted []source.Source
	for _, s := range m.sources {
		if s.Read != nil {
			counted = append(counted, s)
		}
	}
	for _, i := range random.Perm(len(counted))[:3] {
		cases, err := os.ReadDir(filepath.Join("testdata", counted[i].ID))
		m.check(err)
		from := source.MakeHome(t, filepath.Join("testdata", counted[i].ID, cases[random.IntN(len(cases))].Name(), "home"))
		m.said += " " + from
		if err := os.CopyFS(m.home, os.DirFS(from)); err != nil {
			return nil // they have a file in common
		}
	}
	return m
}

// Whatever is done to the files, a scan that remembers says what one says that reads everything, as long as nothing was lost;
// and afterwards no day of a source ever has less than before, whatever happens to the ledger too.
func TestWhatIsRememberedIsWhatIsThere(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newMachine(t, rand.New(rand.NewPCG(seed, 5)))
			if m == nil {
				t.Skip("the homes do not go together")
			}
			m.scan(m.ledger)
			for range 6 {
				m.do(false)
				cold := m.scan("")
				cold.Kept = true
				if diff := cmp.Diff(cold, m.scan(m.ledger)); diff != "" {
					t.Fatalf("after %s: read anew (-) and remembered (+)\n%s", m.said, diff)
				}
			}
			before := days(m.scan(m.ledger))
			damages := rand.New(rand.NewPCG(seed, 6))
			for range 6 {
				m.do(true)
				if damages.IntN(2) == 0 {
					m.damage(damages)
				}
				now := days(m.scan(m.ledger))
				for day, n := range before {
					if now[day] < n {
						t.Fatalf("after %s: %s has %d tokens, not %d", m.said, day, now[day], n)
					}
				}
				if diff := cmp.Diff(now, days(m.scan(m.ledger))); diff != "" {
					t.Fatalf("after %s: read twice\n%s", m.said, diff)
				}
				before = now
			}
		})
	}
}

// days are the tokens by day and source.
func days(r *scan.Result) map[string]int64 {
	sums := make(map[string]int64)
	for _, c := range r.Cells {
		sums[c.Start.Format(time.DateOnly)+" "+c.Source] += c.Tokens.Total()
	}
	return sums
}
