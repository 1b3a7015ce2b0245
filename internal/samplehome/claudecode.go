package samplehome

import (
	"fmt"
	"time"

	"tokenflex.ing/internal/usage"
)

var claudeModels = []string{"claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"}

// claudeSession writes one transcript: each response as the growing snapshots that Claude Code leaves.
func (w *writer) claudeSession(at time.Time) {
	project, session := w.project(), w.uuid()
	file := fmt.Sprintf(".claude/projects/-home-CANARY-%s/%s.jsonl", project, session)
	model := claudeModels[w.rand.IntN(len(claudeModels))]
	cached := int64(12_000 + w.rand.IntN(20_000))
	turns := 4 + w.rand.IntN(30)
	for n := 0; w.goesOn(file, n < turns); n++ {
		at = at.Add(time.Duration(5+w.rand.IntN(90)) * time.Second)
		if at.After(w.until) {
			return
		}
		w.line(file, `{"type":"user","uuid":%q,"sessionId":%q,"cwd":"/home/CANARY/%s","timestamp":%q,"message":{"role":"user","content":%s}}`,
			w.uuid(), session, project, stamp(at), w.prompt())
		grown := int64(400 + w.rand.IntN(6000))
		t := usage.Tokens{Input: int64(3 + w.rand.IntN(12)), CacheRead: cached, CacheWrite5m: grown, Output: int64(40 + w.rand.IntN(1500))}
		if w.rand.IntN(5) == 0 {
			t.CacheWrite1h, t.CacheWrite5m = t.CacheWrite5m, 0
		}
		w.claudeResponse(file, session, project, model, at, t)
		w.count("claude-code", model, at, t)
		cached = min(cached+grown, 180_000)
	}
}

func (w *writer) claudeResponse(file, session, project, model string, at time.Time, t usage.Tokens) {
	id, request := "msg_"+w.uuid(), "req_"+w.uuid()
	snapshots := 1 + w.rand.IntN(3)
	for n := 1; n <= snapshots; n++ {
		output := max(1, t.Output*int64(n)/int64(snapshots))
		w.line(file, `{"type":"assistant","uuid":%q,"isSidechain":false,"sessionId":%q,"cwd":"/home/CANARY/%s","version":"2.1.40","requestId":%q,"timestamp":%q,`+
			`"message":{"id":%q,"type":"message","role":"assistant","model":%q,"content":[{"type":"text","text":"%s"}],`+
			`"usage":{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,`+
			`"cache_creation":{"ephemeral_5m_input_tokens":%d,"ephemeral_1h_input_tokens":%d},"output_tokens":%d,"service_tier":"standard"}}}`,
			w.uuid(), session, project, request, stamp(at.Add(time.Duration(n-1)*time.Millisecond)), id, model, w.text(),
			t.Input, t.CacheWrite(), t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, output)
	}
}
