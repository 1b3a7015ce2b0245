package payload

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/wire"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func sketchOf(key string, ids ...string) []wire.Sketch {
	s := NewSketcher([]byte(key))
	for _, id := range ids {
		s.Add("codex", id, noon)
	}
	return s.Sketches()
}

func marksOf(s wire.Sketch) (marks []string) {
	for m := range slices.Chunk([]byte(s.Marks), wire.MarkSize) {
		marks = append(marks, string(m))
	}
	return marks
}

// A sketch holds the smallest marks, however its responses come and how often, and no more than there is room for.
func TestSketchesAreOfTheSmallestMarks(t *testing.T) {
	var ids []string
	for i := range 500 {
		ids = append(ids, fmt.Sprint("response ", i))
	}
	all := NewSketcher([]byte("key"))
	var marks []uint64
	for _, id := range ids {
		marks = append(marks, all.mark("codex", id, noon))
	}
	slices.Sort(marks)
	back := slices.Clone(ids)
	slices.Reverse(back)
	want, got := sketchOf("key", ids...), sketchOf("key", append(back, ids...)...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("another order makes another sketch:\n%s", diff)
	}
	text, err := base64.URLEncoding.DecodeString(got[0].Marks)
	if err != nil || len(text) != wire.MaxMarks*markBytes {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	for i, m := range marks[:wire.MaxMarks] {
		var n uint64
		for _, b := range text[i*markBytes : (i+1)*markBytes] {
			n = n<<8 | uint64(b)
		}
		if n != m {
			t.Fatalf("mark %d is %d, not %d", i, n, m)
		}
	}
	if few := sketchOf("key", ids[:3]...); len(marksOf(few[0])) != 3 {
		t.Errorf("of three responses: %v", few)
	}
}

// Another key, source or time makes marks that have nothing in common, and nothing of an ID is in them.
func TestMarksSayNothingWithoutTheKey(t *testing.T) {
	ids := []string{"CANARY-1", "CANARY-2", "CANARY-3"}
	own := marksOf(sketchOf("key", ids...)[0])
	later, elsewhere := NewSketcher([]byte("key")), NewSketcher([]byte("key"))
	for _, id := range ids {
		later.Add("codex", id, noon.Add(time.Millisecond))
		elsewhere.Add("amp", id, noon)
	}
	for name, other := range map[string]wire.Sketch{"key": sketchOf("other key", ids...)[0], "time": later.Sketches()[0], "source": elsewhere.Sketches()[0]} {
		for _, mark := range marksOf(other) {
			if slices.Contains(own, mark) {
				t.Errorf("another %s makes the same mark", name)
			}
		}
	}
	text, _ := base64.URLEncoding.DecodeString(strings.Join(own, ""))
	if strings.Contains(string(text), "CANARY") {
		t.Error("an ID is in a sketch")
	}
}

// Cells are sketched apart, and one of which a response has no name is not sketched at all.
func TestCellsOfUnnamedResponsesHaveNoSketch(t *testing.T) {
	s := NewSketcher([]byte("key"))
	s.Add("codex", "a", noon)
	s.Add("codex", "a", noon.Add(24*time.Hour))
	s.Add("amp", "a", noon)
	s.Add("amp", "", noon)
	var cells []string
	for _, sketch := range s.Sketches() {
		cells = append(cells, sketch.Day+" "+sketch.Source)
	}
	if diff := cmp.Diff([]string{"2026-11-23 codex", "2026-11-24 codex"}, cells); diff != "" {
		t.Error(diff)
	}
	rows := []wire.Day{{Day: "2026-11-24", Source: "codex"}}
	if u := Build(Envelope{Sketches: s.Sketches()}, rows); len(u.Sketches) != 1 || u.Sketches[0].Day != "2026-11-24" {
		t.Errorf("sent with rows of one cell: %v", u.Sketches)
	}
}

func BenchmarkSketcher(b *testing.B) {
	s := NewSketcher(make([]byte, 32))
	b.ReportAllocs()
	for i := range b.N {
		s.Add("claude-code", "msg_01AbCdEfGhIjKlMnOpQrStUv", noon.Add(time.Duration(i)*time.Second))
	}
}
