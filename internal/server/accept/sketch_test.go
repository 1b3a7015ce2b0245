package accept

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// marks are as many as there are, and small numbers.
func marks(n int) string {
	var b []byte
	for i := range n {
		b = append(b, 0, 0, 0, 0, 0, byte(i))
	}
	return base64.URLEncoding.EncodeToString(b)
}

// A sketch is of a cell that a row names, once, and its marks rise. Each case fails without the check that it names.
func TestSketchesAreRefused(t *testing.T) {
	const at = "/sketches/0"
	long := marks(wire.MaxMarks)
	for name, tt := range map[string]struct {
		day, source, marks string
		want               string // pointer and code; empty: it is taken
	}{
		"one mark":         {"2026-11-23", "codex", marks(1), ""},
		"as many as can":   {"2026-11-23", "codex", long, ""},
		"one too many":     {"2026-11-23", "codex", marks(wire.MaxMarks + 1), at + "/marks pattern"},
		"none":             {"2026-11-23", "codex", "", at + "/marks pattern"},
		"falling":          {"2026-11-23", "codex", long[8:16] + long[:8], at + "/marks pattern"},
		"one twice":        {"2026-11-23", "codex", long[:8] + long[:8], at + "/marks pattern"},
		"half a mark":      {"2026-11-23", "codex", long[:12], at + "/marks pattern"},
		"a letter short":   {"2026-11-23", "codex", long[:15], at + "/marks pattern"},
		"other letters":    {"2026-11-23", "codex", "AAAA+/==", at + "/marks pattern"},
		"line breaks":      {"2026-11-23", "codex", long[:8] + "\r\n", at + "/marks pattern"},
		"words":            {"2026-11-23", "codex", "/home/mira/secret", at + "/marks pattern"},
		"of another day":   {"2026-11-22", "codex", marks(1), at + " unknown"},
		"of another tool":  {"2026-11-23", "amp", marks(1), at + " unknown"},
		"of no day":        {"", "", marks(1), at + " unknown"},
		"a megabyte of it": {"2026-11-23", "codex", strings.Repeat("A", 1<<20), at + "/marks pattern"},
	} {
		u := wire.Usage{Rows: []wire.Day{{Day: "2026-11-23", Source: "codex"}}, Sketches: []wire.Sketch{{Day: tt.day, Source: tt.source, Marks: tt.marks}}}
		wantFault(t, name, u, tt.want)
	}
	same := wire.Sketch{Day: "2026-11-23", Source: "codex", Marks: marks(1)}
	wantFault(t, "twice", wire.Usage{Rows: []wire.Day{{Day: same.Day, Source: same.Source}}, Sketches: []wire.Sketch{same, same}}, "/sketches/1 duplicate")
}

func wantFault(t *testing.T, name string, u wire.Usage, want string) {
	t.Helper()
	got := ""
	var invalid *ErrInvalid
	sketches, err := Sketches(u)
	if errors.As(err, &invalid) {
		got = invalid.Errors[0].Pointer + " " + invalid.Errors[0].Code
	}
	if got != want || want == "" && !sketches[store.Cell{Day: u.Sketches[0].Day, Source: u.Sketches[0].Source}].Valid() {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
}

// What is not of the shape of a sketch is refused where it stands.
func TestSketchesOfAnotherShapeAreRefused(t *testing.T) {
	const row = `{"day":"2026-11-23","source":"codex","model":"gpt-5"}`
	for sketches, want := range map[string]string{
		`null`: "", `[]`: "", `[{"day":"2026-11-23","source":"codex","marks":"AAAAAAAA","id":"x"}]`: "",
		`{}`: "/sketches type", `"AAAAAAAA"`: "/sketches type", `[7]`: "/sketches/0 type", `[null]`: "/sketches/0 type",
		`[{"day":7}]`: "/sketches/0/day type", `[{"marks":["AAAAAAAA"]}]`: "/sketches/0/marks type", `[{"source":{}}]`: "/sketches/0/source type",
	} {
		_, _, err := Decode([]byte(`{"v":1,"seq":1,"rows":[` + row + `],"sketches":` + sketches + `}`))
		got := ""
		var invalid *ErrInvalid
		if errors.As(err, &invalid) {
			got = invalid.Errors[0].Pointer + " " + invalid.Errors[0].Code
		} else if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", sketches, got, want)
		}
	}
}
