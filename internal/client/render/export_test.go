package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

func sampleExport() *Export {
	e := &Export{Made: sampleNow, Zone: berlin, PriceBook: prices.Date(), Since: "2026-11-20", Days: []usage.Day{
		{Key: usage.Key{Date: "2026-11-20", Source: "claude-code", Model: "claude-opus-4-5-20251101", Band: 200_000, Tier: usage.Batch}, Requests: 3,
			Tokens: usage.Tokens{Input: 1, CacheRead: 2, CacheWrite5m: 3, CacheWrite1h: 4, Output: 6, Reasoning: 5}, Cost: 1_234_567, Priced: true},
		{Key: usage.Key{Date: "2026-11-20", Source: "opencode", Model: "aurora-1-preview", Tier: usage.Standard}, Requests: 1, Tokens: usage.Tokens{Input: 7}},
	}}
	for _, name := range []string{"=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "a,b\"c", "two\nlines"} {
		e.Days = append(e.Days, usage.Day{Key: usage.Key{Date: "2026-11-21", Source: "opencode", Model: name, Tier: usage.Standard}, Requests: 1,
			Tokens: usage.Tokens{Output: 9}, Cost: 1, Priced: true})
	}
	return e
}

// Both formats say the same in the same order, in integers, and the columns add up to the totals.
func TestExportsAddUp(t *testing.T) {
	var asJSON, asCSV bytes.Buffer
	e := sampleExport()
	if err := WriteExport(&asJSON, JSON, e); err != nil {
		t.Fatal(err)
	}
	if err := WriteExport(&asCSV, CSV, e); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Timezone string
		Rows     []map[string]any
		Totals   map[string]int64
	}
	if err := json.Unmarshal(asJSON.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&asCSV).ReadAll()
	if err != nil || len(lines) != len(e.Days)+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	want := "timezone,day,source,model,tier,band,requests,input_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,output_tokens,reasoning_tokens,total_tokens,cost_uusd,unpriced_tokens"
	if got := strings.Join(lines[0], ","); got != want {
		t.Errorf("columns\n%s\nwant\n%s", got, want)
	}
	sums := make(map[string]int64)
	for i, row := range lines[1:] {
		for j, name := range lines[0][6:] {
			n, err := strconv.ParseInt(row[6+j], 10, 64)
			if err != nil || float64(n) != doc.Rows[i][name] {
				t.Errorf("row %d has %q as %s, and %v in JSON", i, row[6+j], name, doc.Rows[i][name])
			}
			sums[name] += n
		}
		if row[0] != "Europe/Berlin" || row[1] != e.Days[i].Date || doc.Timezone != row[0] {
			t.Errorf("row %d is of %s, %s", i, row[1], row[0])
		}
	}
	if diff := cmp.Diff(doc.Totals, sums); diff != "" {
		t.Errorf("totals (-told +added up):\n%s", diff)
	}
	if sums["total_tokens"] != 16+7+7*9 || sums["cost_uusd"] != 1_234_567+7 || sums["unpriced_tokens"] != 7 {
		t.Errorf("%v", sums)
	}
}

// No cell is run by a spreadsheet, whatever a tool called its model.
func TestExportsAreHarmless(t *testing.T) {
	var b bytes.Buffer
	if err := WriteExport(&b, CSV, sampleExport()); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range lines {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("%q would be run", cell)
			}
		}
	}
}
