package pricing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// None of these may borrow the price of a name that looks like it.
func TestLookingAlikeIsNotEnough(t *testing.T) {
	for _, name := range []string{
		"", " ", "-", "/", ":", "unknown", "<synthetic>", "default", "auto", "other", "aurora-1-preview",
		"gpt", "gpt-50", "gpt-5o", "gpt-5-turbo", "gpt-5-large", "gpt-55", "gpt-5.25", "gpt-5.1-nano", "gpt-7", "gpt-6", "gpt-6.3-sol", "gpt-6.2-luna", "gpt-4.1-micro",
		"gpt-5.3-codex-spark", "gpt-5-mini-mini", "o5", "o33", "o3-micro", "o4", "codex",
		"claude", "claude-opus", "claude-opus-3-9", "claude-opus-4-9", "claude-opus-45", "claude-opus-4-5-1", "claude-sonnet-6", "claude-haiku-4",
		"claude-sonnet-4-7", "claude-5", "claude-4", "opus", "sonnet", "claude-sonnet-4-5-mini", "claude-sonnet-4-5-2025", "claude-sonnet-4-5-20259999",
		"gemini-2.5", "gemini-2.5-flash-nano", "gemini-2.5-pro-lite", "gemini-9-pro", "gemini-3-ultra",
		"grok", "grok-5", "grok-4-mini", "deepseek", "deepseek-v5", "deepseek-v3.3", "kimi", "kimi-k9", "kimi-k2-mini", "glm-4", "glm-46", "glm-4.6-air",
		"qwen3", "qwen3-coder-plus-max", "minimax-m9", "mistral", "mistral-large-9999",
		"z-ai/glm-5:free", "z-ai/glm-4.6:free", "anthropic/claude-sonnet-4.5:free", "moonshotai/kimi-k2.5:free",
		"anthropic/gpt-5", "openai/claude-sonnet-4-5", "google/gpt-5", "gpt-5@20250807", "nobody/claude-sonnet-4-5",
		"claude-sonnet-4-5 ; drop", "claude-sonnet-4-5/", "claude-sonnet-4-5-", "claude-sonnet-4-5--20250929", "xclaude-sonnet-4-5", "my-claude-sonnet-4-5",
		"gemini-2.5-flash-fast", "gpt-5-nano-fast", "claude-sonnet-4-5-fast",
		"gpt-5-max", "gpt-5.2-codex-max", "gpt-5.4-max", "gpt-6-pro", "gpt-5.1-pro", "glm-5.3-max", "kimi-k2.5-max", "qwen3-max-high", "kimi-k3-1", "k4",
		"gpt-4o-2024-05-14", "gpt-4o-2025-01-01", "gpt-4o-2024-05-13-fast", "openai/gpt-4o-2024-05-13-fast", "claude-4-sonnet-20240229", "claude-sonnet-5-20250514", "gpt-5.2-2024-12-11", "claude-4-5-sonnet@20241022",
		"claude-opus-4-5-1-0", "gpt-5.2-codex-00", "cursor-gpt-5", "spacexai/gpt-5", "gpt-5-fp8", "claude-sonnet-4-5-tee", "gpt-5-nano-maas", "databricks-grok-4", "grok-4-batch",
		"mistral-large@2402", "mistral-large-5", "codestral@2405", "deepseek-v4-flash-0801", "deepseek-v4-pro-0731", "qwen3.8-max-0903", "r1", "v3.2",
		strings.Repeat("openrouter/", 40) + "gpt-5", "openrouter/litellm/kilo/azure/vertex/gpt-5",
	} {
		if m, ok := Embedded().Match(name, "2026-11-01"); ok {
			t.Errorf("%q is priced as %s by %s %q", name, m.ID, m.Rule, m.Forms)
		}
		if Embedded().Knows(name) {
			t.Errorf("%q is known", name)
		}
	}
}

func TestMatchSaysHow(t *testing.T) {
	for _, c := range []struct {
		name, date string
		want       Match
	}{
		{"claude-sonnet-4-5", "2026-01-01", Match{ID: "claude-sonnet-4-5", Provider: "anthropic", Family: "claude", Rule: Exact, From: "2025-09-29"}},
		{"  claude-sonnet-4-5\n", "2026-01-01", Match{ID: "claude-sonnet-4-5", Provider: "anthropic", Family: "claude", Rule: Exact, From: "2025-09-29"}},
		{"Claude-Sonnet-4.5", "2026-01-01", Match{ID: "claude-sonnet-4-5", Provider: "anthropic", Family: "claude", Rule: Alias, From: "2025-09-29"}},
		{"claude-sonnet-4-5", "2025-09-01", Match{ID: "claude-sonnet-4-5", Provider: "anthropic", Family: "claude", Rule: Exact, From: "2025-09-29", Early: true}},
		{"claude-sonnet-4-5", "", Match{ID: "claude-sonnet-4-5", Provider: "anthropic", Family: "claude", Rule: Exact, From: "2025-09-29", Early: true}},
		{"o3", "2025-05-01", Match{ID: "o3", Provider: "openai", Family: "gpt", Rule: Exact, From: "2025-04-16", Until: "2025-06-10"}},
		{"openrouter/z-ai/glm-4.6", "2026-01-01", Match{ID: "glm-4.6", Provider: "zai", Family: "glm", Rule: Pattern,
			Forms: []string{"openrouter/{model}", "z-ai/{model}"}, From: "2025-09-30"}},
		{"gpt-5-codex-low-fast", "2026-01-01", Match{ID: "gpt-5-codex", Provider: "openai", Family: "gpt", Rule: Pattern,
			Forms: []string{"{model}-fast", "{model}-low"}, Tier: "fast", From: "2025-09-15"}},
		{"codex-auto-review", "2024-01-01", Match{ID: "gpt-5", Provider: "openai", Family: "gpt", Rule: Alias, From: "2025-08-07", Early: true}},
	} {
		got, ok := Embedded().Match(c.name, c.date)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Match{}, "Aliases", "Rates", "Source", "Checked")); !ok || diff != "" {
			t.Errorf("%q on %s: %v\n%s", c.name, c.date, ok, diff)
		}
		if len(got.Rates) == 0 || got.Source == "" || got.Checked == "" {
			t.Errorf("%q: %+v", c.name, got)
		}
	}
}

func TestFamilies(t *testing.T) {
	for name, want := range map[string]string{
		"claude-sonnet-4-5": "claude", "us.anthropic.claude-opus-4-20250514-v1:0": "claude", "claude-nobody-9": "claude", "anthropic/claude-nobody-9": "claude",
		"gpt-5": "gpt", "o3": "gpt", "o4-mini": "gpt", "gpt-99": "gpt", "codex-auto-review": "gpt",
		"gemini-2.5-pro": "gemini", "grok-code-fast-1": "grok", "deepseek-v9": "deepseek", "kimi-for-coding": "kimi", "moonshot-v1-8k": "kimi",
		"qwen3-coder-plus": "qwen", "QwQ-32B": "qwen", "glm-4.6": "glm", "MiniMax-M2": "minimax", "devstral-2512": "mistral", "codestral-9999": "mistral",
		"composer-2.5": "other", "": "other", "unknown": "other", "<synthetic>": "other", "llama-4": "other", "gptme": "other", "claudette": "other",
	} {
		if got := Embedded().Family(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// Every model that the formats' references and our fixtures name is priced, or listed as unpriced with a reason.
func TestEveryModelOfTheSourcesIsSettled(t *testing.T) {
	for _, name := range strings.Fields(`claude-sonnet-4-5-20250929 claude-opus-4-5-20251101 claude-opus-4-5 claude-haiku-4-5 claude-sonnet-4-5 claude-4.5-sonnet
		claude-sonnet-4.5 <synthetic> glm-4.6 kimi-k2 us.anthropic.claude-sonnet-4-20250514-v1:0 gpt-5.2-codex gpt-5.2 gpt-5 codex-auto-review gpt-5.5 gpt-5.4
		gpt-5.3-codex gpt-5.1-codex gpt-5-codex gemini-2.5-pro composer-2.5 gpt-4o default cursor-auto unknown z-ai/glm-5:free custom:Claude-Opus-4.5-[Anthropic]-0
		qwen3-coder-plus kimi-for-coding kimi-k2.6 delivery-mirror gateway-injected anthropic:claude-opus-4-6 grok-build gemini-default gemini-3-flash-a
		adaptive zai/glm-5.2 openai/gpt-5.2 gpt-5.4-mini deepseek-v3.2 gemini-3-pro-preview gemini-3-flash-preview`) {
		if reason := Embedded().Reason(name); Embedded().Knows(name) == (reason != "") {
			t.Errorf("%s: known %v, reason %q", name, Embedded().Knows(name), reason)
		}
	}
}

func TestTheReasonIsToldForEverySpelling(t *testing.T) {
	for name, want := range map[string]string{
		"gpt-oss-120b": "open weights", "openrouter/openai/gpt-oss-120b": "open weights", "openai.gpt-oss-20b-1:0": "open weights",
		"gpt-5.3-codex-spark-high": "research preview", "kilo/auto": "router", "~anthropic/claude-opus-latest": "moves",
		"gpt-5": "", "openrouter/openai/gpt-5": "", "nobody-1": "", "": "", strings.Repeat("openrouter/", 40) + "auto": "",
	} {
		if got := Embedded().Reason(name); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, name := range []string{"", "claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "gpt-5-codex-low-fast", "openrouter/x-ai/grok-4-fast", "İ.5", "a-2025-01-01"} {
		f.Add(name, "2026-01-01")
	}
	f.Fuzz(func(t *testing.T, name, date string) {
		m, ok := Embedded().Match(name, date)
		if ok != Embedded().Knows(name) {
			t.Errorf("%q: matched %v", name, ok)
		}
		if ok && (len(m.Rates) == 0 || m.ID == "") {
			t.Errorf("%q: %+v", name, m)
		}
		if m.Rule == Exact && m.ID != strings.TrimSpace(name) {
			t.Errorf("%q is exactly %q", name, m.ID)
		}
		if Embedded().Family(name) == "" {
			t.Errorf("%q has no family", name)
		}
		if reason := Embedded().Reason(name); ok && reason != "" {
			t.Errorf("%q has a price, and none: %s", name, reason)
		}
	})
}
