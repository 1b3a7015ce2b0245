package pricing

import (
	"fmt"
	"testing"
)

// A name is looked for among the book's forms once, and however many names come, so many are kept and no more. Fails without the bound.
func TestNamesAreRememberedUpToABound(t *testing.T) {
	var m memo
	searched := 0
	search := func(string) *found { searched++; return &found{rule: Alias} }
	for i := range 3 * maxMemo {
		name := fmt.Sprint("model-", i)
		if first := m.of(name, search); first != m.of(name, search) {
			t.Fatalf("%s leads elsewhere the second time", name)
		}
		if len(m.by) > maxMemo {
			t.Fatalf("%d names are remembered", len(m.by))
		}
	}
	if searched != 3*maxMemo {
		t.Errorf("%d names were looked for %d times", 3*maxMemo, searched)
	}
}

// What is remembered is what is found, of names of all kinds and by tables with a person's own rates.
func TestWhatIsRememberedIsWhatIsFound(t *testing.T) {
	table := Embedded()
	for _, name := range []string{"openrouter/anthropic/claude-sonnet-4.5", "claude-4-5-opus", "CLAUDE-OPUS-4.5", "nobody-knows", "gpt-5-2025-08-07", "openrouter/openai/gpt-oss-120b"} {
		for range 2 {
			got, want := table.find(name), table.search(name)
			if !got.same(want) || got.rule != want.rule || got.known() != want.known() {
				t.Errorf("%s: %+v is remembered, not %+v", name, got, want)
			}
		}
	}
}
