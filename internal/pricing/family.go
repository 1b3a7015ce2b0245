package pricing

import (
	"strings"

	"tokenflex.ing/internal/pricing/book"
)

// Other is the family of every model that belongs to none of the named ones.
const Other = "other"

// Family names the family of models a name belongs to: claude, gpt, gemini, grok, deepseek, kimi, qwen, glm, minimax, mistral
// or other. A name that the book does not know is judged by how it begins; that says who made it and nothing about its price.
func (t *Table) Family(name string) string {
	f := t.find(name)
	switch {
	case f.model != nil:
		return f.model.family
	case f.known():
		return f.moved[0].to.family
	}
	key := book.Fold(trim(name))
	key = key[strings.LastIndexByte(key, '/')+1:]
	for _, begin := range beginnings {
		if strings.HasPrefix(key, begin.text) {
			return begin.family
		}
	}
	return Other
}

var beginnings = [...]struct{ text, family string }{
	{"claude-", "claude"},
	{"gpt-", "gpt"}, {"chatgpt-", "gpt"}, {"codex-", "gpt"}, {"o1-", "gpt"}, {"o3-", "gpt"}, {"o4-", "gpt"},
	{"gemini-", "gemini"},
	{"grok-", "grok"},
	{"deepseek-", "deepseek"},
	{"kimi-", "kimi"}, {"moonshot-", "kimi"},
	{"qwen", "qwen"}, {"qwq-", "qwen"},
	{"glm-", "glm"},
	{"minimax-", "minimax"},
	{"mistral-", "mistral"}, {"codestral-", "mistral"}, {"devstral-", "mistral"}, {"magistral-", "mistral"},
	{"ministral-", "mistral"}, {"mixtral-", "mistral"}, {"pixtral-", "mistral"}, {"voxtral-", "mistral"},
}
