package samplehome

import (
	"fmt"
	"time"

	"tokenflex.ing/internal/usage"
)

// geminiSession writes one chat: each message first without and then with its tokens, as Gemini CLI appends it.
func (w *writer) geminiSession(at time.Time) {
	if at.After(w.until) {
		return
	}
	project, session := w.project(), w.uuid()
	model := []string{"gemini-2.5-pro", "gemini-3-pro-preview", "gemini-2.5-flash"}[w.rand.IntN(3)]
	file := fmt.Sprintf(".gemini/tmp/%s/chats/session-%s-%s.jsonl", project, at.Format("2006-01-02T15-04"), session[:8])
	w.line(file, `{"sessionId":%q,"projectHash":%q,"startTime":%q,"lastUpdated":%q,"kind":"main"}`, session, project, stamp(at), stamp(at))
	turns := 2 + w.rand.IntN(15)
	for n := 0; w.goesOn(file, n < turns); n++ {
		at = at.Add(time.Duration(8+w.rand.IntN(60)) * time.Second)
		if at.After(w.until) {
			return
		}
		id := w.uuid()
		input := int64(5_000 + w.rand.IntN(60_000))
		cached, output, thoughts, tool := input*int64(w.rand.IntN(80))/100, int64(20+w.rand.IntN(900)), int64(w.rand.IntN(400)), int64(w.rand.IntN(3)*7)
		message := fmt.Sprintf(`{"id":%q,"timestamp":%q,"type":"gemini","model":%q,"content":"%s","tokens":`, id, stamp(at), model, w.text())
		w.line(file, "%snull}", message)
		w.line(file, `%s{"input":%d,"output":%d,"cached":%d,"thoughts":%d,"tool":%d,"total":%d}}`,
			message, input, output, cached, thoughts, tool, input+output+thoughts+tool)
		w.count("gemini-cli", model, at, usage.Tokens{Input: input - cached + tool, CacheRead: cached, Output: output + thoughts, Reasoning: thoughts})
	}
}
