package cli

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tokenflex.ing/internal/pricing"
)

// invented are the models of the sources' fixtures that no maker ever sold, or that everybody runs alone, and why each is there.
var invented = map[string]string{
	"A": "a letter", "B": "a letter", "a": "a letter", "b": "a letter", "m": "a letter", "x": "a letter", "y": "a letter", "z": "a letter",
	"m1": "a letter", "m2": "a letter", "own": "tells where it was read", "last": "tells where it was read", "req": "tells where it was read",
	"second": "tells where it was read", "of-history": "tells where it was read", "of-the-session": "tells where it was read",
	"anthropic-unknown": "the maker is known, the model is not", "claude-x": "no such model", "deepseek-v4": "no such model",
	"glm-5-air": "no such model", "gpt-5.6-codex": "no such model", "granite-5": "no such model", "grok-5": "no such model",
	"grok-composer": "no such model", "grok-mini": "no such model", "mimo-v2": "no such model", "o4": "no such model",
	"gemma-4": "open weights", "granite-4": "open weights", "hunyuan-3": "open weights",
	"qwen3-30b": "runs on the machine itself", "qwen3:8b": "runs on the machine itself", "unsloth/Qwen3-8B-GGUF": "runs on the machine itself",
}

func TestEveryModelOfTheFixturesIsSettled(t *testing.T) {
	book, seen := pricing.Embedded(), make(map[string]bool)
	for _, name := range fixtureModels(t) {
		reason := book.Reason(name)
		why, listed := invented[name]
		seen[name] = listed
		switch {
		case listed && (book.Knows(name) || reason != ""):
			t.Errorf("%s is listed as %q, and the book has it", name, why)
		case !listed && book.Knows(name) == (reason != ""):
			t.Errorf("%s has neither a price nor a reason to have none", name)
		}
	}
	for name := range invented {
		if !seen[name] {
			t.Errorf("%s is in no fixture", name)
		}
	}
}

// fixtureModels are all models that the sources' fixtures count.
func fixtureModels(t *testing.T) []string {
	t.Helper()
	var all []string
	root := filepath.Join("..", "source", "testdata")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "want.json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var found any
		if err := json.Unmarshal(data, &found); err != nil {
			return err
		}
		all = append(all, modelsIn(found)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) < 80 {
		t.Fatalf("%d models", len(all))
	}
	return all
}

func modelsIn(value any) (all []string) {
	switch v := value.(type) {
	case map[string]any:
		if name, ok := v["Model"].(string); ok {
			all = append(all, name)
		}
		for _, inner := range v {
			all = append(all, modelsIn(inner)...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, modelsIn(inner)...)
		}
	}
	return all
}
