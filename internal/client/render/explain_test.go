package render

import (
	"bytes"
	"testing"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// sampleExplained is a day of two tools: one with two models of which one has no price, one that the site has more of.
func sampleExplained() *report.Explained {
	at := time.Date(2026, 11, 19, 10, 0, 0, 0, berlin)
	record := func(source, model string, t usage.Tokens) usage.Record {
		return usage.Record{Source: source, Model: model, Time: at, Tokens: t}
	}
	cells := usage.Cells([]usage.Record{
		record("claude-code", "claude-sonnet-4-5-20250929", usage.Tokens{Input: 4_414, CacheRead: 144_478, CacheWrite5m: 44_183, CacheWrite1h: 1_183, Output: 14_820}),
		record("claude-code", "aurora-1-preview", usage.Tokens{Input: 800, Output: 31}),
		record("codex", "openrouter/o3", usage.Tokens{Input: 1_000_003, CacheRead: 7, Output: 1_200, Reasoning: 900}),
	})
	e := report.Explain(cells, sampleBook().With(sampleOwn()[:1]), "2026-11-19", "", berlin)
	claude, codex := &e.Sources[0], &e.Sources[1]
	claude.Files = []report.ExplainedFile{{Name: "/home/mira/.claude/projects/web/5f0c91aa.jsonl", Bytes: 1_900_000, Told: 50}, {Name: "/x", Bytes: 1, Told: 8}}
	claude.Told, claude.Kept = 58, 31
	claude.Dropped = []report.Dropped{{N: 22, Reason: "same response, told again in its file, most often while it grew"}, {N: 5, Reason: "told by session 41aac0de too, where it is counted"}}
	claude.Server = &report.ServerDay{Date: "2026-11-19", Site: "tokenflex.ing", Here: claude.Sums, There: claude.Sums}
	codex.Files, codex.Told, codex.Kept = []report.ExplainedFile{{Name: "/home/mira/.codex/sessions/r.jsonl", Bytes: 812, Told: 1}}, 1, 1
	more := codex.Sums
	more.Tokens.Output++
	codex.Server = &report.ServerDay{Date: "2026-11-19", Site: "tokenflex.ing", Here: codex.Sums, There: more}
	return e
}

func TestExplainDocument(t *testing.T) {
	var b bytes.Buffer
	for _, e := range []*report.Explained{sampleExplained(), {Date: "2026-11-19", Zone: time.UTC, PriceBook: "2026-11-20"}} {
		b.Reset()
		if err := WriteExplained(&b, JSON, e, "", Style{}); err != nil {
			t.Fatal(err)
		}
		validate(t, explainSchema, b.Bytes())
	}
}

// What is multiplied comes to what every report shows.
func TestExplainedKindsAddUp(t *testing.T) {
	for _, s := range sampleExplained().Sources {
		for _, l := range s.Lines {
			var tokens int64
			var cost usage.Pico
			for _, k := range l.Kinds() {
				tokens += k.Tokens
				cost = cost.Add(usage.PicoOf(k.Tokens, int64(k.Rate)))
			}
			if tokens != l.Tokens.Total() || l.Priced && cost.Round() != l.Cost {
				t.Errorf("%s: %d tokens of %d, %s of %s", l.Model, tokens, l.Tokens.Total(), cost.Round(), l.Cost)
			}
		}
	}
}
