package scan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

// longer writes what comes next in a long transcript: most often another response, at times one that was told before, here or in another
// file, with more or fewer tokens, or under another request, or with another time.
type longer struct {
	random *rand.Rand
	next   int
}

func (l *longer) lines(session string) string {
	var text strings.Builder
	for range 1 + l.random.IntN(3) {
		id := l.next
		if l.random.IntN(3) == 0 {
			id = max(0, l.next-1-l.random.IntN(1+l.random.IntN(1+l.next))) // most often one of the last
		} else {
			l.next++
		}
		request := fmt.Sprintf("req_%020d", id)
		if l.random.IntN(20) == 0 {
			request = ""
		}
		at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(id)*time.Minute + time.Duration(l.random.IntN(3))*time.Second)
		fmt.Fprintf(&text, `{"type":"assistant","sessionId":%q,"cwd":"/src/p","requestId":%q,"isSidechain":%t,"timestamp":%q,"message":{"id":"msg_%026d","model":"claude-haiku-4-5","usage":{"input_tokens":1,"output_tokens":%d}}}`+"\n",
			session, request, l.random.IntN(40) == 0, at.Format(time.RFC3339), id, 1+l.random.IntN(9))
	}
	return text.String()
}

// A long session that goes on counts as all files read anew do, after each line, whatever the line tells again.
func TestALongSessionThatGoesOnCountsAsReadAnew(t *testing.T) {
	const long = 900 // responses: enough for its record to be kept as a delta
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 11))
		l := &longer{random: random}
		dir := home(t, nil)
		o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Ledger: t.TempDir(), Now: now, Zone: time.UTC}
		name := func(n int) string { return filepath.Join(dir, ".claude/projects/p", fmt.Sprintf("s%d.jsonl", n)) }
		write := func(n, flags int, text string) {
			if err := os.MkdirAll(filepath.Dir(name(n)), 0o755); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(name(n), flags|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
			f.Close()
			age(t, name(n))
		}
		for n := range 2 {
			var text strings.Builder
			for l.next < (n+1)*long {
				text.WriteString(l.lines(fmt.Sprint("s", n)))
			}
			write(n, os.O_TRUNC, text.String())
		}
		mustRun(t, o)
		resident := NewSession(o)
		scan := func() *Result {
			if seed%2 == 0 {
				return mustRun(t, o)
			}
			r, err := resident.Scan(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		for step := range 14 {
			n := random.IntN(2)
			switch random.IntN(8) {
			case 0: // a fork, which stays as it is
				text, err := os.ReadFile(name(n))
				if err != nil {
					t.Fatal(err)
				}
				write(10+step, os.O_TRUNC, string(text)+l.lines(fmt.Sprint("s", 10+step)))
			case 1: // another file tells of it too
				write(3, os.O_APPEND, l.lines("s3"))
			default:
				write(n, os.O_APPEND, l.lines(fmt.Sprint("s", n)))
			}
			got := scan()
			anew := o
			anew.Ledger = ""
			want := mustRun(t, anew)
			want.Kept = got.Kept
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, step %d (-anew +remembered)\n%.3000s", seed, step, diff)
			}
		}
		resident.Close()
	}
}
