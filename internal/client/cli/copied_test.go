package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

func TestCopiesTakeALineForEachTwoDevices(t *testing.T) {
	held := func(day, source, device, original string, share int) wire.Held {
		return wire.Held{Day: day, Source: source, Reason: "copy", Copy: &wire.Copy{Device: device, Original: original, Share: share}}
	}
	got := heldFacts([]wire.Held{
		held("2026-11-02", "codex", "desk", "laptop", 100),
		{Day: "2026-11-02", Source: "amp", Reason: "too much."},
		held("2026-11-01", "claude-code", "desk", "laptop", 53),
		held("2026-11-02", "claude-code", "desk", "laptop", 0),
		held("2026-11-01", "codex", "phone", "laptop", 75),
		held("2026-11-01", "codex", "phone", "desk", 0),
	})
	want := []render.Fact{
		{Label: "held", Wrong: "2026-11-02 of amp waits for review: too much"},
		{Label: "copy", Text: "a history of 2 days counts on laptop: desk shares 53 to 100 % of it"},
		{Label: "copy", Text: "2026-11-01 of codex counts on laptop: phone shares 75 % of it"},
		{Label: "copy", Text: "2026-11-01 of codex counts on desk: phone has the same counts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}
