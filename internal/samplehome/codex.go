package samplehome

import (
	"fmt"
	"time"

	"tokenflex.ing/internal/usage"
)

// codexSession writes one rollout: running totals, some of them written twice, as Codex does.
func (w *writer) codexSession(at time.Time) {
	if at.After(w.until) {
		return
	}
	project, session := w.project(), w.uuid()
	model := []string{"gpt-5.2-codex", "gpt-5.1-codex-max"}[w.rand.IntN(2)]
	file := fmt.Sprintf(".codex/sessions/%s/rollout-%s-%s.jsonl", at.Format("2006/01/02"), at.Format("2006-01-02T15-04-05"), session)
	w.line(file, `{"timestamp":%q,"type":"session_meta","payload":{"id":%q,"timestamp":%q,"cwd":"/home/CANARY/%s","originator":"codex_cli_rs","cli_version":"0.130.0","source":"cli","model_provider":"openai","base_instructions":{"text":"%s","model":"CANARY"}}}`,
		stamp(at), session, stamp(at), project, w.text())
	w.line(file, `{"timestamp":%q,"type":"turn_context","payload":{"cwd":"/home/CANARY/%s","model":%q,"effort":"high"}}`, stamp(at), project, model)
	var sum codexUsage
	turns := 3 + w.rand.IntN(25)
	for n := 0; w.goesOn(file, n < turns); n++ {
		at = at.Add(time.Duration(5+w.rand.IntN(80)) * time.Second)
		if at.After(w.until) {
			return
		}
		input := int64(8_000 + w.rand.IntN(90_000))
		one := codexUsage{input: input, cached: input * int64(60+w.rand.IntN(35)) / 100, output: int64(50 + w.rand.IntN(2500))}
		one.reasoning = one.output * int64(w.rand.IntN(40)) / 100
		sum = sum.add(one)
		w.codexCall(file, at)
		w.line(file, `{"timestamp":%q,"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"%s"}]}}`, stamp(at), w.text())
		for again := range 1 + w.rand.IntN(2) {
			w.line(file, `{"timestamp":%q,"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":%s,"last_token_usage":%s,"model_context_window":272000},"rate_limits":null}}`,
				stamp(at.Add(time.Duration(again)*time.Second)), sum, one)
		}
		w.count("codex", model, at, usage.Tokens{Input: one.input - one.cached, CacheRead: one.cached, Output: one.output, Reasoning: one.reasoning})
	}
}

type codexUsage struct{ input, cached, output, reasoning int64 }

func (u codexUsage) add(v codexUsage) codexUsage {
	return codexUsage{u.input + v.input, u.cached + v.cached, u.output + v.output, u.reasoning + v.reasoning}
}

func (u codexUsage) String() string {
	return fmt.Sprintf(`{"input_tokens":%d,"cached_input_tokens":%d,"output_tokens":%d,"reasoning_output_tokens":%d,"total_tokens":%d}`,
		u.input, u.cached, u.output, u.reasoning, u.input+u.output)
}
