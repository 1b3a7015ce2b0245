package report

import (
	"testing"
	"time"

	"tokenflex.ing/internal/usage"
)

func TestAPromptKnowsItsSessionTheDayAndTheBlock(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 40, 0, 0, time.UTC)
	cell := func(source, session, at string, tokens int64) usage.Cell {
		start, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		return usage.Cell{Start: start, Source: source, Model: "m", Tier: usage.Standard, Session: session, Tokens: usage.Tokens{Input: tokens}, First: start, Last: start}
	}
	cells := []usage.Cell{
		cell("claude-code", "a", "2026-11-22 23:45", 1),   // yesterday, and a block that ended at 04:00
		cell("claude-code", "b", "2026-11-23 03:45", 10),  // in it
		cell("claude-code", "b", "2026-11-23 10:30", 100), // begins the running block, at 10:00
		cell("codex", "c", "2026-11-23 13:00", 1000),      // no block of Claude Code's
		cell("claude-code", "a", "2026-11-23 14:30", 10000),
	}
	blocks := Blocks{"claude-code": 5 * time.Hour, "other": time.Hour}
	p := NewPrompt(cells, now.Add(-time.Minute), book{}, blocks, time.UTC, now, "a", "claude-opus-4-5-20251101")
	if p.Model != "claude-opus-4-5" || p.Session.Tokens.Input != 10001 || p.Today.Tokens.Input != 11110 || p.Block.Tokens.Input != 10100 || p.Left != 20*time.Minute || p.Old {
		t.Errorf("%+v", p)
	}
	later := NewPrompt(cells, now.Add(-time.Hour), book{}, blocks, time.UTC, now.Add(30*time.Minute), "", "")
	if later.Left != 0 || !later.Old || later.Session.Tokens.Total() != 0 {
		t.Errorf("%+v", later)
	}
}
