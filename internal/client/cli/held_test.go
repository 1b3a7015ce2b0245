package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/wire"
)

// Days that two devices share are told together, with the devices and how much they share.
func TestSharedDaysAreToldTogether(t *testing.T) {
	day := func(day, source string, share int, original string) wire.Held {
		return wire.Held{Day: day, Source: source, Reason: "copy", Copy: &wire.Copy{Device: "desk", Original: original, Share: share}}
	}
	var said []string
	for _, f := range heldFacts([]wire.Held{
		day("2026-11-01", "codex", 100, "laptop"), day("2026-11-01", "amp", 100, "laptop"), day("2026-11-02", "codex", 93, "laptop"), day("2026-11-09", "codex", 98, "laptop"),
		day("2026-11-02", "amp", 100, "laptop"), day("2026-11-03", "amp", 0, "laptop"), day("2026-11-04", "amp", 0, "laptop"), day("2026-11-04", "goose", 62, "phone"),
		{Day: "2026-11-05", Source: "codex", Reason: "copy"}, {Day: "2026-11-05", Source: "amp", Reason: "source-day"},
	}) {
		said = append(said, f.Label+": "+f.Text+f.Wrong)
	}
	want := []string{
		"held: 2026-11-05 of codex waits for review: copy",
		"held: 2026-11-05 of amp waits for review: source-day",
		"copy: 3 days of codex from 2026-11-01 to 2026-11-09 count on laptop: desk shares 93 % of each or more",
		"copy: 2 days of amp from 2026-11-01 to 2026-11-02 count on laptop: desk shares 100 % of each",
		"copy: 2 days of amp from 2026-11-03 to 2026-11-04 count on laptop: desk has the same counts",
		"copy: 2026-11-04 of goose counts on phone: desk shares 62 % of it",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}
