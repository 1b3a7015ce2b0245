package jsonwalk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree walks the whole value ahead.
func tree(w *Walker) any {
	switch w.Kind() {
	case Object:
		m := map[string]any{}
		for key := range w.Members {
			k := string(key)
			m[k] = tree(w)
		}
		return m
	case Array:
		a := []any{}
		for range w.Elements {
			a = append(a, tree(w))
		}
		return a
	case String:
		return string(w.Text())
	case None:
		w.Skip()
		return nil
	}
	switch word := string(w.scalar()); word {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	default:
		return json.Number(word)
	}
}

func reference(b []byte) any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

var samples = []string{
	`{}`, `[]`, `""`, `0`, `null`, ` { "a" : [ 1 , 2.5e3 , -0 ] , "b" : { } } `,
	`{"a":{"usage":{"input_tokens":1}},"usage":{"input_tokens":2},"usage":{"input_tokens":3}}`,
	`{"\u0075sage":1,"a\"b":2,"\\":3,"":4}`, `{"t":"\"usage\":{\"input_tokens\":9}\\"}`, `"\ud83d\ude00 \ud83d \ude00 \ud83dx"`,
	"\"\xff\xfe \xe2\x28\xa1\"", `[[[[{"a":[[]]}]]]]`, "{\"a\":\r\n\t1}", `{"a":"\\\\","b":"\\\""}`, `"\/\b\f\n\r\t"`,
	`{"a":1e400,"b":-1,"c":"12","d":true,"e":false}`,
}

func TestValuesAreThoseOfEncodingJSON(t *testing.T) {
	for _, s := range samples {
		w := New([]byte(s))
		if diff := cmp.Diff(reference([]byte(s)), tree(w)); diff != "" || w.End() != nil {
			t.Errorf("%s: %v\n%s", s, w.End(), diff)
		}
	}
}

func TestWhatIsNotTakenIsSkipped(t *testing.T) {
	w := New([]byte(`{"a":{"b":[1,{"c":"}]"}]},"n":7,"s":"x","l":[1,2,3],"m":8}`))
	got := map[string]int64{}
	for key := range w.Members {
		switch string(key) {
		case "n", "m":
			got[string(key)] = w.Count()
		case "l":
			for i := range w.Elements {
				if i == 1 {
					got["l"] = w.Count()
					break
				}
			}
		case "a":
			for key := range w.Members {
				if string(key) == "b" {
					break
				}
			}
		}
	}
	if diff := cmp.Diff(map[string]int64{"n": 7, "m": 8, "l": 2}, got); diff != "" || w.End() != nil {
		t.Error(w.End(), diff)
	}
}

func TestOtherKindsHoldNothing(t *testing.T) {
	for _, s := range []string{`"x"`, `1`, `null`, `[{"a":1}]`} {
		w := New([]byte(s))
		for key := range w.Members {
			t.Errorf("%s: member %s", s, key)
		}
		if w.End() != nil {
			t.Errorf("%s: %v", s, w.End())
		}
	}
	for _, s := range []string{`"x"`, `1`, `null`, `{"a":[1]}`} {
		w := New([]byte(s))
		for i := range w.Elements {
			t.Errorf("%s: element %d", s, i)
		}
		if w.End() != nil || New([]byte(`{"a":1}`)).Text() != nil {
			t.Errorf("%s: %v", s, w.End())
		}
	}
}

func TestBrokenBytesAreReported(t *testing.T) {
	for _, s := range []string{``, ` `, `{`, `[`, `"`, `"\"`, `{"a"`, `{"a":`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a" 1}`, `{1:2}`, `{"a":1 "b":2}`,
		`{"a":"x}`, `[1 2]`, `}`, `{"a":1}x`, `{"a":1}{"b":2}`, "\x00{}", `{"a":[{"b":"x"`} {
		w := New([]byte(s))
		tree(w)
		if w.End() == nil {
			t.Errorf("walked %q", s)
		}
	}
}

func TestCountsAreLenient(t *testing.T) {
	tests := map[string]int64{
		`0`: 0, `7`: 7, `1234567890123`: 1234567890123, `9223372036854775807`: math.MaxInt64, `9223372036854775808`: math.MaxInt64, `1e400`: math.MaxInt64,
		`1.9`: 1, `2.5e3`: 2500, `1E2`: 100, `0.1e1`: 1, `-1`: 0, `-0`: 0, `-1e9`: 0, `null`: 0, `true`: 0, `NaN`: 0, `Infinity`: 0, `-Infinity`: 0,
		`"12"`: 12, `" 12 "`: 12, `"1.5"`: 1, `"-3"`: 0, `"x"`: 0, `""`: 0, `"NaN"`: 0, `"inf"`: 0, `"0x10"`: 0, `"1_000"`: 0, `"12abc"`: 0, `"\u0031"`: 1,
		`{"a":1}`: 0, `[5]`: 0, `"99999999999999999999"`: math.MaxInt64,
	}
	for s, want := range tests {
		w := New([]byte(s))
		if got := w.Count(); got != want || w.End() != nil {
			t.Errorf("%s: %d, want %d (%v)", s, got, want, w.End())
		}
	}
}

func TestDeepNestingIsSkippedWithoutAStack(t *testing.T) {
	const deep = 1 << 20
	b := []byte(`{"a":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `,"n":3}`)
	w := New(b)
	var n int64
	for key := range w.Members {
		if string(key) == "n" {
			n = w.Count()
		}
	}
	if n != 3 || w.End() != nil {
		t.Error(n, w.End())
	}
}

func TestWalkingAllocatesNothing(t *testing.T) {
	line := []byte(usageLine(1000))
	var w Walker
	var n int64
	if got := testing.AllocsPerRun(100, func() { n = outputTokens(&w, line) }); got != 0 || n != 260 {
		t.Errorf("%v allocations, %d tokens", got, n)
	}
}

func outputTokens(w *Walker, line []byte) (n int64) {
	w.Reset(line)
	for key := range w.Members {
		if string(key) != "message" {
			continue
		}
		for key := range w.Members {
			if string(key) != "usage" {
				continue
			}
			for key := range w.Members {
				if string(key) == "output_tokens" {
					n = w.Count()
				}
			}
		}
	}
	return n
}

func usageLine(words int) string {
	text := strings.Repeat(`the \"usage\": is {not} here\n `, words/6)
	return fmt.Sprintf(`{"type":"assistant","uuid":"u-2","isSidechain":false,"sessionId":"S1","cwd":"/w/demo","requestId":"req_A",`+
		`"message":{"id":"msg_A","content":[{"type":"text","text":"%s"}],"usage":{"input_tokens":4,"output_tokens":260,"service_tier":"standard"}}}`, text)
}

// fixtures calls use with every JSON text of the tools' sample homes.
func fixtures(t testing.TB, use func(text []byte)) {
	const root = "../source/testdata"
	found := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(filepath.Ext(name), ".json") {
			return err
		}
		text, err := os.ReadFile(name)
		for line := range bytes.Lines(text) {
			use(bytes.TrimSpace(line))
		}
		use(text)
		found++
		return err
	})
	if err != nil || found == 0 {
		t.Fatal(found, err)
	}
}

func TestFixturesAreReadAsByEncodingJSON(t *testing.T) {
	fixtures(t, func(text []byte) {
		if json.Valid(text) {
			w := New(text)
			if diff := cmp.Diff(reference(text), tree(w)); diff != "" || w.End() != nil {
				t.Errorf("%.200s: %v\n%s", text, w.End(), diff)
			}
		}
	})
}

func FuzzWalk(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s))
	}
	fixtures(f, func(text []byte) {
		if len(text) < 10_000 {
			f.Add(text)
		}
	})
	f.Add([]byte(usageLine(50)))
	f.Fuzz(func(t *testing.T, b []byte) {
		w := New(b)
		skip := New(b)
		skip.Skip()
		lazy := New(b)
		for range lazy.Members { // only steps over
		}
		if !json.Valid(b) {
			tree(w) // must end
			return
		}
		if diff := cmp.Diff(reference(b), tree(w)); diff != "" {
			t.Error(diff)
		}
		if w.End() != nil || skip.End() != nil || lazy.End() != nil {
			t.Errorf("%q: walked %v, skipped %v, stepped %v", b, w.End(), skip.End(), lazy.End())
		}
	})
}

func FuzzCount(f *testing.F) {
	for _, s := range []string{"1", "1.5", "1e10", "-2", "9223372036854775807", "1e-5", "123456789012345678901"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := New([]byte(s)).Count()
		if got < 0 {
			t.Fatalf("%q: %d", s, got)
		}
		if !json.Valid([]byte(s)) || len(s) > 30 || strings.TrimSpace(s) == "" || !strings.ContainsAny(strings.TrimSpace(s)[:1], "0123456789") {
			return
		}
		exact, _, err := big.ParseFloat(strings.TrimSpace(s), 10, 200, big.ToZero)
		if err != nil {
			return
		}
		want, _ := exact.Int64()
		if diff := got - want; diff != 0 && (diff > got>>50+1 || diff < -(got>>50)-1) { // a float64 has 53 bits
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	for name, words := range map[string]int{"small": 60, "large": 6000} {
		b.Run(name, func(b *testing.B) {
			line := []byte(usageLine(words))
			var w Walker
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if outputTokens(&w, line) != 260 {
					b.Fatal("lost")
				}
			}
		})
	}
}
