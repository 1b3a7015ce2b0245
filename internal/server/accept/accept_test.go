package accept

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func upload(change ...func(*wire.Day)) wire.Usage {
	row := wire.Day{Day: "2026-11-23", Source: "codex", Model: "gpt-5", Requests: 10, Input: 100, CacheRead: 200, Output: 50, Reasoning: 20}
	u := wire.Usage{V: 1, SyncID: "a", Seq: 1, Mode: wire.Max, Rows: []wire.Day{row}}
	for _, c := range change {
		c(&u.Rows[0])
	}
	return u
}

func TestDaysAreWhatWasClaimed(t *testing.T) {
	got, err := Days(upload(), noon)
	want := []usage.Day{{Key: usage.Key{Date: "2026-11-23", Source: "codex", Model: "gpt-5", Tier: usage.Standard}, Requests: 10,
		Tokens: usage.Tokens{Input: 100, CacheRead: 200, Output: 50, Reasoning: 20}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestRanges(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	count := func(n int64) func(*wire.Day) {
		return func(d *wire.Day) { d.CacheRead, d.Requests = n, 1_000_000_000_000 }
	}
	for _, tt := range []struct {
		name   string
		change func(*wire.Day)
		now    time.Time
		want   string // "" is fine
	}{
		{"today", func(d *wire.Day) {}, noon, ""},
		{"tomorrow", func(d *wire.Day) { d.Day = "2026-11-24" }, noon, "/rows/0/day range"},
		{"tomorrow, ten minutes before it begins", func(d *wire.Day) { d.Day = "2026-11-24" }, at("2026-11-23T23:50:00Z"), ""},
		{"tomorrow, a second more before", func(d *wire.Day) { d.Day = "2026-11-24" }, at("2026-11-23T23:49:59Z"), "/rows/0/day range"},
		{"the first day", func(d *wire.Day) { d.Day = wire.FirstDay }, noon, ""},
		{"the day before", func(d *wire.Day) { d.Day = "2022-12-31" }, noon, "/rows/0/day range"},
		{"no date", func(d *wire.Day) { d.Day = "" }, noon, "/rows/0/day pattern"},
		{"a date that is none", func(d *wire.Day) { d.Day = "2026-02-30" }, noon, "/rows/0/day pattern"},
		{"a short date", func(d *wire.Day) { d.Day = "2026-2-3" }, noon, "/rows/0/day pattern"},
		{"a date with a time", func(d *wire.Day) { d.Day = "2026-11-23T00:00:00Z" }, noon, "/rows/0/day pattern"},

		{"a tool nobody knows", func(d *wire.Day) { d.Source = "new-tool" }, noon, ""},
		{"a tool of 32", func(d *wire.Day) { d.Source = strings.Repeat("a", 32) }, noon, ""},
		{"a tool of 33", func(d *wire.Day) { d.Source = strings.Repeat("a", 33) }, noon, "/rows/0/source pattern"},
		{"a tool in capitals", func(d *wire.Day) { d.Source = "Codex" }, noon, "/rows/0/source pattern"},
		{"a tool with a line", func(d *wire.Day) { d.Source = "codex\n" }, noon, "/rows/0/source pattern"},
		{"no tool", func(d *wire.Day) { d.Source = "" }, noon, "/rows/0/source pattern"},

		{"a model with every character", func(d *wire.Day) { d.Model = "a.b_c:d/e@f+g-h" }, noon, ""},
		{"a model of 96", func(d *wire.Day) { d.Model = strings.Repeat("a", 96) }, noon, ""},
		{"a model of 97", func(d *wire.Day) { d.Model = strings.Repeat("a", 97) }, noon, "/rows/0/model pattern"},
		{"a model in capitals", func(d *wire.Day) { d.Model = "GPT-5" }, noon, "/rows/0/model pattern"},
		{"a model with a space", func(d *wire.Day) { d.Model = "gpt 5" }, noon, "/rows/0/model pattern"},
		{"a script", func(d *wire.Day) { d.Model = "<img src=x onerror=alert(1)>" }, noon, "/rows/0/model pattern"},
		{"a formula", func(d *wire.Day) { d.Model = "=cmd" }, noon, "/rows/0/model pattern"},
		{"a terminal's escape", func(d *wire.Day) { d.Model = "gpt\x1b[31m" }, noon, "/rows/0/model pattern"},
		{"no model", func(d *wire.Day) { d.Model = "" }, noon, "/rows/0/model pattern"},

		{"a band", func(d *wire.Day) { d.Band = 272_000 }, noon, ""},
		{"no band", func(d *wire.Day) { d.Band = 272_001 }, noon, "/rows/0/band unknown"},
		{"a negative band", func(d *wire.Day) { d.Band = -1 }, noon, "/rows/0/band unknown"},
		{"a tier", func(d *wire.Day) { d.Tier = "flex" }, noon, ""},
		{"no tier", func(d *wire.Day) { d.Tier = "gold" }, noon, "/rows/0/tier unknown"},

		{"nothing", count(0), noon, ""},
		{"below nothing", count(-1), noon, "/rows/0/cache_read range"},
		{"a billion thousands", count(wire.MaxCounter), noon, ""},
		{"one more", count(wire.MaxCounter + 1), noon, "/rows/0/cache_read range"},
		{"all output is reasoning", func(d *wire.Day) { d.Reasoning = 50 }, noon, ""},
		{"more than output", func(d *wire.Day) { d.Reasoning = 51 }, noon, "/rows/0/reasoning range"},

		{"a prompt that is possible", func(d *wire.Day) { d.Requests, d.Input, d.CacheRead = 2, 8_000_000, 0 }, noon, ""},
		{"a prompt beyond every model", func(d *wire.Day) { d.Requests, d.Input, d.CacheRead = 2, 8_000_000, 1 }, noon, "/rows/0 impossible"},
		{"an answer that is possible", func(d *wire.Day) { d.Requests, d.Output = 1, 1_000_000 }, noon, ""},
		{"an answer beyond every model", func(d *wire.Day) { d.Requests, d.Output = 1, 1_000_001 }, noon, "/rows/0 impossible"},
	} {
		_, err := Days(upload(tt.change), tt.now)
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		if diff := cmp.Diff(want, pointers(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
}

func TestEnvelope(t *testing.T) {
	for _, tt := range []struct {
		want   string
		change func(*wire.Usage)
	}{
		{"/v range", func(u *wire.Usage) { u.V = 2 }},
		{"/seq range", func(u *wire.Usage) { u.Seq = 0 }},
		{"/seq range", func(u *wire.Usage) { u.Seq = maxSeq + 1 }},
		{"/mode unknown", func(u *wire.Usage) { u.Mode = "add" }},
		{"/sync_id pattern", func(u *wire.Usage) { u.SyncID = "../x" }},
		{"/client/version pattern", func(u *wire.Usage) { u.Client.Version = "1 0" }},
		{"/client/os pattern", func(u *wire.Usage) { u.Client.OS = "<b>" }},
		{"/parsers range", func(u *wire.Usage) { u.Parsers = map[string]int{"codex": -1} }},
		{"/rows range", func(u *wire.Usage) { u.Rows = nil }},
	} {
		u := upload()
		tt.change(&u)
		_, err := Days(u, noon)
		if diff := cmp.Diff([]string{tt.want}, pointers(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestRowsOfOneKey(t *testing.T) {
	u := upload()
	other := u.Rows[0]
	other.Band = 200_000
	standard := u.Rows[0]
	standard.Tier = "standard" // which an absent tier means
	u.Rows = append(u.Rows, other, standard)
	_, err := Days(u, noon)
	if diff := cmp.Diff([]string{"/rows/2 duplicate"}, pointers(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAtMostFiftyPlacesAreNamed(t *testing.T) {
	u := upload()
	for range 60 {
		u.Rows = append(u.Rows, wire.Day{})
	}
	_, err := Days(u, noon)
	if got := len(pointers(err)); got != MaxErrors {
		t.Errorf("%d places are named", got)
	}
}

// The upload that the documentation shows is one.
func TestDocumentedUpload(t *testing.T) {
	page, err := os.ReadFile("../../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	u, _, err := Decode([]byte(text))
	if err == nil {
		_, err = Days(u, noon)
	}
	if err != nil || len(u.Rows) != 1 {
		t.Errorf("%v in %s", err, text)
	}
}
