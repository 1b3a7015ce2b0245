package accept

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

const full = `{"v":1,"sync_id":"0199c5f0-0000-7000-8000-000000000000","seq":1795465443123456,"mode":"replace",
"client":{"name":"tokenflexing","version":"1.0.0","os":"linux"},"parsers":{"claude-code":3,"codex":7},
"rows":[{"day":"2026-11-23","source":"claude-code","model":"claude-opus-4-5","band":200000,"tier":"batch","input":1,"output":2,"cache_read":3,
"cache_write_5m":4,"cache_write_1h":5,"reasoning":1,"requests":6}],"sketches":[{"day":"2026-11-23","source":"claude-code","marks":"AAAAAAAAAAAAAAAB"}]}`

func TestDecode(t *testing.T) {
	want := wire.Usage{V: 1, SyncID: "0199c5f0-0000-7000-8000-000000000000", Seq: 1795465443123456, Mode: wire.Replace,
		Client: wire.Client{Name: "tokenflexing", Version: "1.0.0", OS: "linux"}, Parsers: map[string]int{"claude-code": 3, "codex": 7},
		Rows: []wire.Day{{Day: "2026-11-23", Source: "claude-code", Model: "claude-opus-4-5", Band: 200_000, Tier: "batch", Requests: 6,
			Input: 1, CacheRead: 3, CacheWrite5m: 4, CacheWrite1h: 5, Output: 2, Reasoning: 1}},
		Sketches: []wire.Sketch{{Day: "2026-11-23", Source: "claude-code", Marks: "AAAAAAAAAAAAAAAB"}}}
	for name, tt := range map[string]struct {
		body    string
		ignored int
	}{
		"as sent":             {full, 0},
		"with nulls":          {strings.Replace(full, `"band":200000`, `"band":200000,"cost":null`, 1), 1},
		"with unknown things": {strings.Replace(full, `"v":1`, `"v":1,"cost":1.5e3,"more":{"a":[1,{}]},"none":null`, 1), 3},
		"with a client's own": {strings.NewReplacer(`"os":`, `"host":"x","os":`, `"day":`, `"user_id":7,"day":`).Replace(full), 3},
		"spaced":              {" \r\n\t" + strings.ReplaceAll(full, ",", " ,\n ") + "\n", 0},
	} {
		got, ignored, err := Decode([]byte(tt.body))
		if err != nil || ignored != tt.ignored {
			t.Errorf("%s: %d members ignored, want %d; %v", name, ignored, tt.ignored, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// Names are matched exactly: a member in other letters is another member.
	got, _, err := Decode([]byte(strings.Replace(full, `"input"`, `"INPUT"`, 1)))
	if err != nil || got.Rows[0].Input != 0 {
		t.Errorf("INPUT is read as input: %+v, %v", got.Rows, err)
	}
}

// The encoder of the standard library and this decoder agree.
func TestDecodeReadsWhatIsEncoded(t *testing.T) {
	for _, u := range []wire.Usage{{}, {V: 1, Seq: 1<<63 - 1, Mode: wire.Max, Rows: []wire.Day{{Model: "é", Input: -5}, {}}}} {
		body, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Decode(body)
		if u.Rows == nil {
			var invalid *ErrInvalid
			if !errors.As(err, &invalid) {
				t.Errorf("rows of null: %v", err)
			}
			continue
		}
		if diff := cmp.Diff(u, got); diff != "" || err != nil {
			t.Errorf("%v (-sent +read):\n%s", err, diff)
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "blanks": " \n", "half": full[:len(full)-1], "a list": "[]", "a string": `"x"`, "null": "null", "a number": "1",
		"two values": full + full, "a comma behind": full + ",", "a brace behind": full + "}", "garbage behind": full + "x",
		"a member twice":                  strings.Replace(full, `"v":1`, `"v":1,"v":1`, 1),
		"an escaped member twice":         strings.Replace(full, `"v":1`, `"v":1,"\u0076":2`, 1),
		"a row's member twice":            strings.Replace(full, `"input":1`, `"input":1,"input":1`, 1),
		"an unknown member's twice":       strings.Replace(full, `"v":1`, `"v":1,"x":{"a":1,"a":1}`, 1),
		"nested too deep":                 strings.Replace(full, `"v":1`, `"v":1,"x":[[[[]]]]`, 1),
		"nested far too deep":             strings.Repeat(`[`, 100_000),
		"invalid UTF-8":                   strings.Replace(full, "claude-opus", "claude\xffopus", 1),
		"a comment":                       strings.Replace(full, `"v":1`, `/**/"v":1`, 1),
		"a number with a leading zero":    strings.Replace(full, `"seq":1`, `"seq":01`, 1),
		"a bare NaN":                      strings.Replace(full, `"v":1`, `"v":NaN`, 1),
		"a colon missing":                 strings.Replace(full, `"v":1`, `"v" 1`, 1),
		"more members than anybody needs": strings.Replace(full, `"v":1`, `"v":1,"x":{`+manyMembers(maxMembers+1)+`}`, 1),
		"a control character in a string": strings.Replace(full, "claude-opus", "claude\x00opus", 1),
	} {
		var e *ErrMalformed
		if _, _, err := Decode([]byte(body)); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyMembers(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"%d":0`, i)
	}
	return strings.Join(all, ",")
}

// pointers returns where an upload is refused.
func pointers(err error) []string {
	var e *ErrInvalid
	if !errors.As(err, &e) {
		return nil
	}
	var all []string
	for _, each := range e.Errors {
		all = append(all, each.Pointer+" "+each.Code)
	}
	return all
}

func TestWrongTypes(t *testing.T) {
	for name, tt := range map[string]struct{ old, new, want string }{
		"a count as text":          {`"input":1`, `"input":"1"`, "/rows/0/input type"},
		"a fraction":               {`"input":1`, `"input":1.0`, "/rows/0/input type"},
		"an exponent":              {`"input":1`, `"input":1e3`, "/rows/0/input type"},
		"beyond every float":       {`"input":1`, `"input":1e400`, "/rows/0/input type"},
		"beyond 64 bits":           {`"input":1`, `"input":9223372036854775808`, "/rows/0/input type"},
		"a boolean":                {`"input":1`, `"input":true`, "/rows/0/input type"},
		"a list":                   {`"input":1`, `"input":[1]`, "/rows/0/input type"},
		"a model of digits":        {`"model":"claude-opus-4-5"`, `"model":5`, "/rows/0/model type"},
		"rows as an object":        {`"rows":[{`, `"x":[{`, "/rows type"},
		"a client as text":         {`"client":{"name":"tokenflexing","version":"1.0.0","os":"linux"}`, `"client":"curl"`, "/client type"},
		"a parser's word":          {`"codex":7`, `"codex":"seven"`, "/parsers/codex type"},
		"a sequence of characters": {`"seq":1795465443123456`, `"seq":"1795465443123456"`, "/seq type"},
	} {
		_, _, err := Decode([]byte(strings.Replace(full, tt.old, tt.new, 1)))
		if diff := cmp.Diff([]string{tt.want}, pointers(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestTooManyRows(t *testing.T) {
	body := func(n int) []byte {
		return []byte(`{"v":1,"seq":1,"rows":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}`)
	}
	if _, _, err := Decode(body(wire.MaxRows)); err != nil {
		t.Errorf("%d rows: %v", wire.MaxRows, err)
	}
	var e *ErrTooMany
	if _, _, err := Decode(body(wire.MaxRows + 1)); !errors.As(err, &e) || e.Rows != wire.MaxRows+1 {
		t.Errorf("%d rows: %v", wire.MaxRows+1, err)
	}
	// Nor may any other list be longer: what is ignored costs memory too.
	if _, _, err := Decode([]byte(`{"v":1,"x":[` + strings.Repeat("0,", wire.MaxRows) + `0]}`)); !errors.As(err, &e) {
		t.Errorf("a long list of something else: %v", err)
	}
}

// Whatever arrives, the decoder ends; what it takes is within every bound that the store relies on.
func FuzzAcceptUsage(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"v":1,"seq":1,"rows":[{"day":"2026-11-23","source":"codex","model":"gpt-5"}]}`))
	f.Add([]byte(`{"v":1,"seq":1,"rows":[{"input":1e400}],"x":[[{"a":1}]]}`))
	f.Add([]byte(strings.Repeat("[", 64)))
	f.Add([]byte(`{"v":1,"seq":1,"rows":[{"day":"2026-11-23","source":"codex","model":"gpt-5"}],"sketches":[{"day":"2026-11-23","source":"codex","marks":"AAAAAAAA____"}]}`))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		u, ignored, err := Decode(body)
		if err != nil {
			return
		}
		if ignored < 0 {
			t.Errorf("%d members ignored", ignored)
		}
		if !json.Valid(body) {
			t.Errorf("taken, but not JSON: %q", body)
		}
		days, err := Days(u, now)
		if err != nil {
			return
		}
		for _, d := range days {
			if d.Tokens != d.Tokens.Clean() || d.Tokens.Total() > 5*wire.MaxCounter || !d.Tier.Valid() || !d.Band.Valid() || d.Date < wire.FirstDay {
				t.Errorf("taken: %+v", d)
			}
		}
		sketches, err := Sketches(u)
		if err != nil {
			return
		}
		cells := (store.Upload{Days: days}).Cells()
		for c, s := range sketches {
			if !s.Valid() || !cells[c] {
				t.Errorf("taken: %v of %v", s, c)
			}
		}
	})
}

func BenchmarkUpload(b *testing.B) {
	var rows []string
	for i := range 30 {
		rows = append(rows, fmt.Sprintf(`{"day":"2026-11-23","source":"claude-code","model":"claude-opus-4-%d","input":%d,"cache_read":312312,"output":12312,"requests":123}`, i, i*1000))
	}
	body := []byte(`{"v":1,"seq":1,"client":{"name":"tokenflexing","version":"1.0.0","os":"linux"},"rows":[` + strings.Join(rows, ",") + `]}`)
	b.ReportAllocs()
	for b.Loop() {
		u, _, err := Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Days(u, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)); err != nil {
			b.Fatal(err)
		}
	}
}
