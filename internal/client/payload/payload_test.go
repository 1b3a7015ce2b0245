package payload

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// This is everything that leaves: the complete request for a day of one source.
func ExampleBuild() {
	days := []usage.Day{{
		Key:      usage.Key{Date: "2026-11-23", Source: "claude-code", Model: "claude-opus-4-5-20251101", Tier: usage.Standard},
		Requests: 6,
		Tokens:   usage.Tokens{Input: 1, CacheRead: 3, CacheWrite5m: 4, CacheWrite1h: 5, Output: 2},
	}}
	rows := Rows(days, func(string) bool { return true })
	sketcher := NewSketcher([]byte("the key of an account"))
	for _, id := range []string{"msg_01", "msg_02"} {
		sketcher.Add("claude-code", id, time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC))
	}
	fmt.Print(string(Encode(Build(Envelope{
		SyncID:   "019be9f0-7c00-7000-8000-000000000000",
		Seq:      1795465443123456,
		Mode:     wire.Max,
		Client:   wire.Client{Name: "tokenflexing", Version: "1.0.0", OS: "linux"},
		Parsers:  map[string]int{"claude-code": 1, "codex": 1},
		Sketches: sketcher.Sketches(),
	}, rows))))
	// Output: {"v":1,"sync_id":"019be9f0-7c00-7000-8000-000000000000","seq":1795465443123456,"mode":"max","client":{"name":"tokenflexing","version":"1.0.0","os":"linux"},"parsers":{"claude-code":1},"rows":[{"day":"2026-11-23","source":"claude-code","model":"claude-opus-4-5-20251101","band":0,"tier":"standard","requests":6,"input":1,"cache_read":3,"cache_write_5m":4,"cache_write_1h":5,"output":2,"reasoning":0}],"sketches":[{"day":"2026-11-23","source":"claude-code","marks":"JLKB9pB9e5SxKJk5"}]}
}

func TestOnlyPublicModelNamesLeave(t *testing.T) {
	known := map[string]bool{"claude-opus-4-5": true, "GLM-4.6": true, "odd name": true}
	day := func(model string, output int64) usage.Day {
		return usage.Day{
			Key:      usage.Key{Date: "2026-11-23", Source: "codex", Model: model, Tier: usage.Standard},
			Requests: 1, Tokens: usage.Tokens{Output: output},
		}
	}
	rows := Rows([]usage.Day{
		day("claude-opus-4-5", 1), day("GLM-4.6", 2), day("odd name", 4),
		day("ft:gpt-4o:acme-secret", 8), day("/srv/models/secret.gguf", 16), day("", 32),
	}, func(m string) bool { return known[m] })
	got := make(map[string]int64)
	for _, r := range rows {
		got[r.Model] = r.Output
	}
	want := map[string]int64{"claude-opus-4-5": 1, "glm-4.6": 2, Other: 4 + 8 + 16 + 32}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output by model sent (-want +got):\n%s", diff)
	}
}

func TestRowsKeepEveryToken(t *testing.T) {
	days := []usage.Day{
		{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "b", Band: 200_000, Tier: usage.Fast}, Requests: 2, Tokens: usage.Tokens{Input: 1, CacheRead: 2, CacheWrite5m: 3, CacheWrite1h: 4, Output: 6, Reasoning: 5}},
		{Key: usage.Key{Date: "2026-11-22", Source: "codex", Model: "b", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 7}},
	}
	rows := Rows(days, func(string) bool { return true })
	want := []usage.Day{days[1], days[0]} // by date
	if diff := cmp.Diff(want, Days(rows)); diff != "" {
		t.Errorf("rows back to days (-want +got):\n%s", diff)
	}
}

// The largest request the client can make must be one that the server takes.
func TestLongestRequestFits(t *testing.T) {
	long := wire.Day{Day: "2026-11-23", Source: strings.Repeat("s", 32), Model: strings.Repeat("m", 96), Band: 512_000, Tier: "standard",
		Requests: wire.MaxCounter, Input: wire.MaxCounter, CacheRead: wire.MaxCounter, CacheWrite5m: wire.MaxCounter,
		CacheWrite1h: wire.MaxCounter, Output: wire.MaxCounter, Reasoning: wire.MaxCounter}
	rows := make([]wire.Day, RowsPerRequest)
	var sketches []wire.Sketch
	for i := range rows {
		rows[i] = long
	}
	if n := Fit(rows, sketches); n != RowsPerRequest {
		t.Errorf("%d rows fit, not %d", n, RowsPerRequest)
	}
	if size := len(Encode(Build(Envelope{SyncID: strings.Repeat("0", 36)}, rows))); size > wire.MaxBody {
		t.Errorf("%d rows take %d bytes, more than %d", RowsPerRequest, size, wire.MaxBody)
	}
	for i := range rows {
		rows[i].Source = fmt.Sprintf("%032d", i)
		sketches = append(sketches, wire.Sketch{Day: long.Day, Source: rows[i].Source, Marks: strings.Repeat("m", wire.MaxMarks*wire.MarkSize)})
	}
	n := Fit(rows, sketches)
	if size := len(Encode(Build(Envelope{SyncID: strings.Repeat("0", 36), Sketches: sketches}, rows[:n]))); n < RowsPerRequest/4 || size > wire.MaxBody {
		t.Errorf("%d rows with a sketch each take %d bytes of %d", n, size, wire.MaxBody)
	}
	if RowsPerRequest > wire.MaxRows {
		t.Errorf("%d rows a request, more than %d", RowsPerRequest, wire.MaxRows)
	}
}

func TestDigestTellsRowsApart(t *testing.T) {
	a := wire.Day{Day: "2026-11-23", Source: "codex", Model: "m", Tier: "standard", Output: 1}
	b, same := a, a
	b.Output = 2
	if Digest(a) == Digest(b) || Digest(a, b) == Digest(b, a) || Digest(a) != Digest(same) {
		t.Error("digests must differ exactly when rows do")
	}
	if Name(a) != Name(b) {
		t.Error("a row keeps its name when its counters grow")
	}
	var parts []any
	if err := json.Unmarshal([]byte(Name(a)), &parts); err != nil || len(parts) != 5 {
		t.Errorf("name %q has not five parts: %v", Name(a), err)
	}
}
