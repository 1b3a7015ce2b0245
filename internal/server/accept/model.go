package accept

import (
	"strings"

	"tokenflex.ing/internal/catalogue"
	"tokenflex.ing/internal/usage"
)

// What is not known of a model: the longest prompt and the longest answer that any model is known to take and give.
const (
	anyWindow = 1_100_000
	anyOutput = 128_000
)

// size is what the models whose names begin so can read and write at once, in tokens, as their makers' pages say.
type size struct {
	begins         string
	window, output int64 // 0: not known
}

// sizes are looked through in their order: the narrower name comes first. A model that a maker may have grown since is left out;
// one whose limit depends on a setting, or whose makers' pages differ, has the largest: a wrong line holds somebody honest. The pages:
// https://docs.claude.com/en/docs/about-claude/models/overview, https://platform.openai.com/docs/models and
// https://ai.google.dev/gemini-api/docs/models, of Gemini 2.0 also https://docs.cloud.google.com/gemini-enterprise-agent-platform/models.
var sizes = []size{
	{"claude-3-7-sonnet", 200_000, 128_000},
	{"claude-3-5-", 200_000, 8_192},
	{"claude-3-", 200_000, 4_096},
	{"claude-haiku-4-5", 200_000, 64_000},
	{"claude-opus-4-5", 200_000, 64_000},
	{"claude-opus-4-1", 200_000, 32_000},
	{"claude-opus-4-2025", 200_000, 32_000},
	{"claude-sonnet-4-5", 1_000_000, 64_000},
	{"claude-sonnet-4-2025", 1_000_000, 64_000},
	{"gpt-4.1", 1_047_576, 32_768},
	{"gpt-4o", 128_000, 16_384},
	{"gpt-4-turbo", 128_000, 4_096},
	{"o1-mini", 128_000, 65_536},
	{"o1", 200_000, 100_000},
	{"o3", 200_000, 100_000},
	{"o4-mini", 200_000, 100_000},
	{"gpt-5-codex", 400_000, 128_000},
	{"gpt-5-mini", 400_000, 128_000},
	{"gpt-5-nano", 400_000, 128_000},
	{"gemini-1.5-pro", 2_097_152, 8_192},
	{"gemini-2.5-", 1_048_576, 65_536},
	{"gemini-2.0-pro", 2_097_152, 65_536},
	{"gemini-2.0-", 1_048_576, 65_536},
}

// window is how many tokens a request of the model can have in its prompt.
func window(model string) int64 {
	if s := sizeOf(model); s.window > 0 {
		return s.window
	}
	return anyWindow
}

// maxOutput is how many tokens an answer of the model can have.
func maxOutput(model string) int64 {
	if s := sizeOf(model); s.output > 0 {
		return s.output
	}
	return anyOutput
}

// least is the smallest limit that any model has.
func least(any int64, of func(size) int64) int64 {
	for _, s := range sizes {
		if n := of(s); n > 0 {
			any = min(any, n)
		}
	}
	return any
}

// sizeOf looks at the name behind the last slash: gateways write who serves a model before it.
func sizeOf(model string) size {
	name := model[strings.LastIndexByte(model, '/')+1:]
	for _, s := range sizes {
		if strings.HasPrefix(name, s.begins) {
			return s
		}
	}
	return size{}
}

// makers are the tools that speak to one maker's models, by the family that is. They can be pointed elsewhere, which costs no
// more as a rule: those pass. A dear model of another maker under a tool's name is what a price is faked with.
var makers = func() map[string]string {
	of := make(map[string]string)
	for _, t := range catalogue.Tools() {
		for _, id := range t.IDs() {
			if t.Maker != "" {
				of[id] = t.Maker
			}
		}
	}
	return of
}()

// toolNames are all names of a tool, by each of them. A tool that has one alone is not in it.
var toolNames = func() map[string][]string {
	of := make(map[string][]string)
	for _, t := range catalogue.Tools() {
		if len(t.Aliases) > 0 {
			for _, id := range t.IDs() {
				of[id] = t.IDs()
			}
		}
	}
	return of
}()

// foreign reports whether a tool that speaks to one maker's models cannot be expected to use the row's model.
func (l *Lines) foreign(k *usage.Key, maker string) bool {
	return l.Prices != nil && l.Prices.Family(k.Model) != maker && l.Prices.Output(k) > ForeignOutput
}
