// Package samplehome writes a home folder as AI coding tools leave it, with totals that are known beforehand: for trying the
// product on a machine without such tools, and for tests of the whole path. Every text in it holds the word CANARY, so that
// a leak of content shows.
package samplehome

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Options say how much is written. The same options write the same bytes.
type Options struct {
	Seed     uint64
	Until    time.Time // the last record is not later than this
	Days     int       // how far back the first one is
	Sessions int       // a day, at most, for each tool
}

// Write fills dir, which is created, and returns what the files add up to, by day of UTC and without costs.
func Write(dir string, o Options) ([]usage.Day, error) {
	w := &writer{dir: dir, until: o.Until.UTC(), rand: rand.New(rand.NewPCG(o.Seed, 1)), files: make(map[string]*strings.Builder)}
	for day := o.Days - 1; day >= 0; day-- {
		at := w.until.Truncate(24*time.Hour).AddDate(0, 0, -day)
		if w.rand.IntN(7) == 0 && day > 0 { // a day off
			continue
		}
		for range 1 + w.rand.IntN(max(1, o.Sessions)) {
			w.claudeSession(at.Add(w.hours(8, 18)))
		}
		if w.rand.IntN(3) > 0 {
			w.codexSession(at.Add(w.hours(9, 20)))
		}
		if w.rand.IntN(3) == 0 {
			w.geminiSession(at.Add(w.hours(9, 22)))
		}
	}
	cells := usage.Cells(w.truth)
	for i := range cells {
		cells[i].Band = cells[i].Band.Common() // no model here has a price that begins elsewhere
	}
	return usage.ByDay(cells, time.UTC), w.flush()
}

type writer struct {
	dir   string
	until time.Time
	rand  *rand.Rand
	files map[string]*strings.Builder
	truth []usage.Record
	made  int   // ids handed out
	bulk  *bulk // of a home that is measured, nil of a small one
}

var projects = []string{"web", "api", "infra", "docs"}

func (w *writer) hours(from, to int) time.Duration {
	return time.Duration(from)*time.Hour + time.Duration(w.rand.IntN((to-from)*3600))*time.Second
}

func (w *writer) project() string { return projects[min(w.rand.IntN(6), len(projects)-1)] }

func (w *writer) uuid() string {
	w.made++
	return fmt.Sprintf("%08x-%04x-7%03x-9%03x-%012x", w.rand.Uint32(), w.rand.IntN(1<<16), w.rand.IntN(1<<12), w.rand.IntN(1<<12), w.made)
}

// goesOn reports whether the session that is written to the file has a further turn: those of a small home have as many as
// were drawn, and in bulk the file has a size.
func (w *writer) goesOn(file string, drawn bool) bool {
	if w.bulk != nil {
		return w.bulk.fills(w.files[file])
	}
	return drawn
}

// text is what a person or a model may have written.
func (w *writer) text() string {
	if w.bulk != nil {
		return w.bulk.answer(w.rand)
	}
	var b strings.Builder
	b.WriteString("CANARY")
	for range 10 + w.rand.IntN(120) {
		b.WriteString([]string{" the", " fix", " \\\"usage\\\":", " test", " why", "\\n", " func", " {\\\"input_tokens\\\":9}", " déjà", " λ"}[w.rand.IntN(10)])
	}
	return b.String()
}

func (w *writer) line(file, format string, args ...any) {
	b := w.files[file]
	if b == nil {
		b = new(strings.Builder)
		w.files[file] = b
	}
	fmt.Fprintf(b, format+"\n", args...)
}

// count notes what a response adds.
func (w *writer) count(source, model string, at time.Time, t usage.Tokens) {
	if w.bulk != nil {
		w.bulk.count(source, t)
		return
	}
	w.truth = append(w.truth, usage.Record{Source: source, Model: model, Time: at, Tier: usage.Standard, Tokens: t})
}

// flush writes the files and forgets them.
func (w *writer) flush() error {
	for name, b := range w.files {
		path := filepath.Join(w.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	clear(w.files)
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
