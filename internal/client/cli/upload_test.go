package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/wire"
)

// A site keeps the larger of two states of a row, so tokens that moved from one row to another must replace both.
func TestMovedTokensReplaceTheirDay(t *testing.T) {
	row := func(model string, band, input int64) wire.Day {
		return wire.Day{Day: "2026-11-20", Source: "qwen-code", Model: model, Band: band, Tier: "standard", Input: input}
	}
	other := wire.Day{Day: "2026-11-20", Source: "codex", Model: "gpt-5.4", Tier: "standard", Input: 5}
	tests := []struct {
		name           string
		confirmed, now []wire.Day
		grown, renamed []wire.Day
	}{
		{"nothing changed", []wire.Day{row("a", 0, 5)}, []wire.Day{row("a", 0, 5)}, nil, nil},
		{"a row grew", []wire.Day{row("a", 0, 5)}, []wire.Day{row("a", 0, 6)}, []wire.Day{row("a", 0, 6)}, nil},
		{"a model became known", []wire.Day{row("other", 0, 5)}, []wire.Day{row("a", 0, 5)}, nil, []wire.Day{row("a", 0, 5)}},
		{"a part of a row is in another band now", []wire.Day{row("a", 0, 5)}, []wire.Day{row("a", 0, 3), row("a", 32_000, 2)},
			nil, []wire.Day{row("a", 0, 3), row("a", 32_000, 2)}},
		{"the tool deleted some of it", []wire.Day{row("a", 0, 5), row("b", 0, 5)}, []wire.Day{row("a", 0, 3), row("b", 0, 6)},
			[]wire.Day{row("a", 0, 3), row("b", 0, 6)}, nil},
		{"another tool's day is left alone", []wire.Day{row("other", 0, 5), other}, []wire.Day{row("a", 0, 5), other},
			nil, []wire.Day{row("a", 0, 5)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var state config.Synced
			confirm(&state, wire.Usage{Mode: wire.Max, Rows: test.confirmed})
			grown, renamed := split(test.now, state.Rows, false)
			if diff := cmp.Diff([][]wire.Day{test.grown, test.renamed}, [][]wire.Day{grown, renamed}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			confirm(&state, wire.Usage{Mode: wire.Max, Rows: grown})
			confirm(&state, wire.Usage{Mode: wire.Replace, Rows: renamed})
			for _, r := range renamed {
				if _, there := state.Rows[payload.Name(r)]; !there {
					t.Errorf("%s is not remembered", payload.Name(r))
				}
			}
		})
	}
}
