package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

func newFile(stream io.Reader) *file {
	return &file{worker: newWorker(context.Background(), osAccess, &progress{}), stream: stream, candidate: candidate{stamp: ledger.Stamp{Modified: 1e9}}}
}

// linesOf returns the lines of a stream.
func linesOf(f *file) []string {
	var lines []string
	for line := range f.Lines() {
		lines = append(lines, string(line))
	}
	return lines
}

func TestLinesAreCut(t *testing.T) {
	long := strings.Repeat("x", 3*bufferSize+17)
	tests := map[string][]string{
		"":                              nil,
		"\n\r\n \t\n":                   nil,
		"a\nb\n":                        {"a", "b"},
		"a\r\nb\r\n":                    {"a", "b"},
		"a\nb":                          {"a", "b"},
		"\ufeffa\n\ufeffb\n":            {"a", "\ufeffb"},
		"\ufeff\r\na":                   {"a"},
		"  a \n":                        {"a"},
		long + "\na\n" + long + "\n\nb": {long, "a", long, "b"},
		"a\n" + long:                    {"a", long},
	}
	for text, want := range tests {
		for name, stream := range map[string]io.Reader{"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text))} {
			f := newFile(stream)
			if diff := cmp.Diff(want, linesOf(f)); diff != "" || f.size != int64(len(text)) {
				t.Errorf("%.20q, %s: %d bytes\n%.300s", text, name, f.size, diff)
			}
		}
	}
}

func TestLinesSurviveAnyBuffer(t *testing.T) {
	var text strings.Builder
	var want []string
	r := rand.New(rand.NewPCG(1, 1))
	for text.Len() < 6*bufferSize {
		line := strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(1<<r.IntN(18)))
		want = append(want, line)
		text.WriteString(line + "\n")
	}
	if diff := cmp.Diff(want, linesOf(newFile(strings.NewReader(text.String())))); diff != "" {
		t.Errorf("%.300s", diff)
	}
}

// repeated is a stream of n times the same byte, which takes no memory.
type repeated struct{ n int64 }

func (r *repeated) Read(b []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), r.n)
	b[0] = 'x'
	for done := 1; done < int(n); done *= 2 {
		copy(b[done:n], b[:done])
	}
	r.n -= n
	return int(n), nil
}

func TestALineThatIsTooLongIsSkipped(t *testing.T) {
	const limit = 4 * bufferSize
	f := newFile(io.MultiReader(strings.NewReader("a\n"), &repeated{limit + 100}, strings.NewReader("\nb\nc\n"), &repeated{limit - 4}, strings.NewReader("\n"), &repeated{limit + 1}))
	f.limit = limit
	if diff := cmp.Diff([]string{"a", "b", "c", strings.Repeat("x", limit-4)}, linesOf(f)); diff != "" || f.reading.oversize != 2 {
		t.Errorf("%d lines too long\n%.300s", f.reading.oversize, diff)
	}
	f = newFile(&repeated{limit + 1})
	f.limit = limit
	if f.Bytes() != nil || f.reading.oversize != 1 {
		t.Errorf("%d documents too long", f.reading.oversize)
	}
}

func TestOnlyWhatIsStillBeingWrittenFailsSilently(t *testing.T) {
	f := newFile(strings.NewReader("bad\nbad\nbad"))
	for range f.Lines() {
		f.Fault(source.Malformed)
	}
	if f.reading.faults[source.Malformed] != 2 {
		t.Errorf("%d faults", f.reading.faults[source.Malformed])
	}
}

func TestAStreamThatBreaksKeepsWhatItGave(t *testing.T) {
	broken := errors.New("broken disk")
	f := newFile(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)))
	if diff := cmp.Diff([]string{"a", "b"}, linesOf(f)); diff != "" || !errors.Is(f.reading.err, broken) {
		t.Errorf("%v\n%s", f.reading.err, diff)
	}
}

func pack(t *testing.T, texts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestPackedFilesAreUnpacked(t *testing.T) {
	random := make([]byte, 400_000)
	for i := range random {
		random[i] = "0123456789abcdef"[rand.IntN(16)]
	}
	whole := pack(t, "a\nb\n", "c\n"+string(random)+"\nd\n")
	w := newWorker(context.Background(), osAccess, &progress{})
	defer w.close()
	for _, tt := range []struct {
		name string
		data []byte
		want []string
		err  bool
	}{
		{"two frames", whole, []string{"a", "b", "c", string(random), "d"}, false},
		{"cut in the second frame", whole[:len(pack(t, "a\nb\n"))+9], []string{"a", "b"}, false},
		{"cut in the first header", whole[:3], nil, false},
		{"empty", nil, nil, false},
		{"not packed", []byte("a\nb\n"), nil, true},
		{"again", whole, []string{"a", "b", "c", string(random), "d"}, false},
	} {
		for _, name := range []string{"x.jsonl.zst", "x.jsonl.zstd"} {
			f := &file{worker: w, candidate: candidate{path: name}}
			var err error
			if f.stream, err = w.unpack(name, bytes.NewReader(tt.data)); err != nil {
				t.Fatal(tt.name, err)
			}
			if diff := cmp.Diff(tt.want, linesOf(f)); diff != "" || (f.reading.err != nil) != tt.err || f.Path() != "x.jsonl" {
				t.Errorf("%s: %s: %v\n%.300s", name, tt.name, f.reading.err, diff)
			}
		}
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Home: home(t, map[string]string{".claude/projects/p/s.jsonl": "{}\n"}), Sources: source.All(), Now: now}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	f := &file{worker: newWorker(ctx, osAccess, &progress{}), stream: &repeated{1 << 50}}
	if lines := linesOf(f); len(lines) > 0 {
		t.Error(len(lines))
	}
}

// TestDocumentsHaveNoMark is about the mark that editors on Windows put in front.
func TestDocumentsHaveNoMark(t *testing.T) {
	if got := string(newFile(strings.NewReader("\ufeff{\r\n}")).Bytes()); got != "{\r\n}" {
		t.Errorf("%q", got)
	}
	if got := newFile(io.MultiReader(strings.NewReader("{"), &repeated{1 << 20}, strings.NewReader("}"))).Bytes(); len(got) != 1<<20+2 {
		t.Errorf("%d bytes", len(got))
	}
	if at := newFile(nil).Modified(); !at.Equal(time.Unix(1, 0)) {
		t.Error(at)
	}
}

// Where reading can go on is told by the same bytes, whether they are at hand when the file was read or are looked for in it.
func TestTheEndOfALogIsToldByItsBytes(t *testing.T) {
	s := source.Source{Read: func(f source.File) (p source.Part) {
		for range f.Lines() {
			p.Repeats++
		}
		return p
	}, Resume: func(f source.File, p source.Part) (source.Part, bool) { return p, true }}
	none := func() (*ledger.File, *ledger.Kept) { return nil, nil }
	for _, line := range []int{100, 5000, bufferSize, bufferSize + 3000} {
		for _, size := range []int{50, tailSize, tailSize + 1, bufferSize - 1, bufferSize, bufferSize + 1, bufferSize + tailSize, 3*bufferSize + 77} {
			for _, end := range []string{"", "\n", "\n{", "\n{}", "\n" + `{"a":"` + strings.Repeat("x", tailSize)} {
				var text []byte
				for n := 0; len(text) < size; n++ {
					text = append(append(text, fmt.Sprintf(`{"n":%d,"text":"%s"}`, n, strings.Repeat("x", line))...), '\n')
				}
				text = append(text[:max(0, size-len(end))], end...)
				name := filepath.Join(t.TempDir(), "log")
				if err := os.WriteFile(name, text, 0o600); err != nil {
					t.Fatal(err)
				}
				w := newWorker(t.Context(), osAccess, &progress{})
				r := w.read(s, candidate{name: name, stamp: ledger.Stamp{Size: int64(len(text))}}, none)
				at := int64(bytes.LastIndexByte(text, '\n') + 1)
				want, ended := tailPrint(bytes.NewReader(text), at, new([tailSize]byte))
				if rest := text[at:]; !ended || len(rest) > 0 && !unfinished(rest) { // that line is whole, though it has no end
					at, want = 0, 0
				}
				if r.whole != at || r.tail != want {
					t.Errorf("lines of %d in %d bytes that end with %.5q: whole %d, %x; want %d, %x", line, size, end, r.whole, r.tail, at, want)
				}
			}
		}
	}
}
