package source

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// copilotRanks are the kinds of exported lines that tell the counters of a response, the finest first: the others repeat it,
// alone or in a sum.
const (
	copilotChatSpan = iota
	copilotInferenceLog
	copilotTurnLog
	copilotAgentSpan
	copilotNoRank
)

// copilotLine is one exported span or log.
type copilotLine struct {
	kind, name, event, trace, span, operation string
	model, asked, chat, response, folder      string
	at                                        time.Time
	tokens                                    copilotTokens
	total                                     int64
}

// readCopilotExport reads spans and logs, one a line, as the file exporter of OpenTelemetry for JavaScript writes them.
func readCopilotExport(f File) (p Part) {
	var lines []copilotLine
	chats := make(map[string]string) // by trace: not every span of it says which
	for text := range f.Lines() {
		w := jsonwalk.New(text)
		l := readCopilotLine(w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if l.chat != "" {
			chats[l.trace] = l.chat
		}
		lines = append(lines, l)
	}
	for _, l := range lines {
		l.chat = cmp.Or(l.chat, chats[l.trace], l.trace)
		if e, ok := l.entry(f); ok {
			p.Entries = append(p.Entries, e)
		}
	}
	return p
}

func readCopilotLine(w *jsonwalk.Walker) (l copilotLine) {
	var ended, started time.Time
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = string(w.Text())
		case "name", "body":
			l.name = cmp.Or(string(w.Text()), l.name)
		case "eventName":
			l.event = string(w.Text())
		case "traceId":
			l.trace = string(w.Text())
		case "spanId":
			l.span = string(w.Text())
		case "spanContext":
			for key := range w.Members {
				switch string(key) {
				case "traceId":
					l.trace = string(w.Text())
				case "spanId":
					l.span = string(w.Text())
				}
			}
		case "endTime", "hrTime":
			ended = spanTime(w)
		case "startTime", "timestamp", "timeUnixNano":
			started = spanTime(w)
		case "attributes":
			for key := range w.Members {
				l.attribute(w, string(key))
			}
		}
	}
	if l.at = ended; l.at.IsZero() {
		l.at = started
	}
	return l
}

// spanTime takes a time, which may be a pair of seconds and nanoseconds.
func spanTime(w *jsonwalk.Walker) time.Time {
	if w.Kind() != jsonwalk.Array {
		return when(w)
	}
	var pair [2]int64
	for i := range w.Elements {
		if n := w.Count(); i < len(pair) {
			pair[i] = n
		}
	}
	return believed(time.Unix(pair[0], pair[1]).UTC())
}

// believed returns the time, or none if no tool counted tokens then.
func believed(at time.Time) time.Time {
	if at.Before(Oldest) {
		return time.Time{}
	}
	return at
}

func (l *copilotLine) attribute(w *jsonwalk.Walker, name string) {
	const counters = "gen_ai.usage."
	if counter, ok := strings.CutPrefix(name, counters); ok {
		l.counter(counter, w.Count())
		return
	}
	switch name {
	case "event.name":
		l.event = string(w.Text())
	case "gen_ai.operation.name":
		l.operation = string(w.Text())
	case "gen_ai.response.model":
		l.model = strings.TrimSpace(string(w.Text()))
	case "gen_ai.request.model":
		l.asked = strings.TrimSpace(string(w.Text()))
	case "gen_ai.conversation.id":
		l.chat = string(w.Text())
	case "gen_ai.response.id":
		l.response = string(w.Text())
	case "github.copilot.git.repository":
		l.folder = string(w.Text())
	}
}

// counter notes one counter, whose names have changed.
func (l *copilotLine) counter(name string, n int64) {
	switch name {
	case "input_tokens":
		l.tokens.input = n
	case "output_tokens":
		l.tokens.output = n
	case "cache_read.input_tokens", "cache_read_input_tokens":
		l.tokens.read = n
	case "cache_creation.input_tokens", "cache_write.input_tokens", "cache_creation_input_tokens":
		l.tokens.write = n
	case "reasoning.output_tokens", "reasoning_tokens":
		l.tokens.reasoning = n
	case "total_tokens":
		l.total = n
	}
}

func (l *copilotLine) rank() int {
	event := cmp.Or(l.event, l.name)
	switch {
	case strings.Contains(event, "inference.operation.details"):
		return copilotInferenceLog
	case strings.Contains(event, "agent.turn"):
		return copilotTurnLog
	case l.operation == "invoke_agent" || strings.HasPrefix(l.name, "invoke_agent"):
		return copilotAgentSpan
	case l.kind == "log":
	case l.operation == "chat" || l.operation == "" && strings.HasPrefix(l.name, "chat "):
		return copilotChatSpan
	}
	return copilotNoRank
}

// entry returns what the line counts for. Its ID tells the rank, and a chat span's is the same in every store.
func (l *copilotLine) entry(f File) (e Entry, ok bool) {
	rank := l.rank()
	tokens := l.tokens.spanTokens()
	if tokens.IsZero() {
		tokens.Output = l.total
		e.Marks = Coarse
	}
	switch {
	case rank == copilotNoRank || tokens.IsZero():
		return e, false
	case !l.tokens.sound() || l.total > MaxCount:
		f.Fault(Corrupt)
		return e, false
	}
	model := cmp.Or(l.model, l.asked)
	if model == "" {
		f.Fault(Unnamed)
		return e, false
	}
	e.Record = usage.Record{Model: model, Session: l.chat, Project: l.folder, Time: l.at, Tokens: tokens}
	e.Request = l.response
	if l.trace+l.span+l.response != "" {
		e.ID = copilotSpan + strconv.Itoa(rank) + ":" + l.trace + ":" + cmp.Or(l.span, l.response)
	}
	return e, true
}

// spanTokens returns the counters as disjoint kinds. The convention puts the cached tokens inside the input, which some
// versions did not follow.
func (t copilotTokens) spanTokens() usage.Tokens {
	if t.input < t.read+t.write {
		t.input += t.read + t.write
	}
	return t.tokens()
}

// readCopilotTraces reads the spans that the extension of VS Code keeps in a database.
func readCopilotTraces(f File) (p Part) {
	t := f.Tables()
	if !t.Has("spans", "span_id", "trace_id", "operation_name", "start_time_ms") || !t.Has("span_attributes", "span_id", "key", "value") {
		f.Fault(Unfamiliar)
		return p
	}
	chats, folders := make(map[string]string), make(map[string]string)
	for row := range t.Query("SELECT s.trace_id, a.key, a.value FROM span_attributes a JOIN spans s ON s.span_id = a.span_id" +
		" WHERE a.key IN ('gen_ai.conversation.id', 'github.copilot.git.repository') ORDER BY 1, 2, 3") {
		if row.Text(1) == "gen_ai.conversation.id" {
			chats[row.Text(0)] = row.Text(2)
		} else {
			folders[row.Text(0)] = row.Text(2)
		}
	}
	model := columnOr(t, "spans", "response_model", "NULL")
	var l copilotLine
	flush := func() {
		l.chat, l.folder = cmp.Or(l.chat, chats[l.trace], l.trace), cmp.Or(l.folder, folders[l.trace])
		if e, ok := l.entry(f); ok {
			e.Request, e.Marks = f.Origin(), e.Marks|copilotTraced
			p.Entries = append(p.Entries, e)
		}
	}
	for row := range t.Query("SELECT s.span_id, s.trace_id, s.start_time_ms, " + model + ", a.key, a.value FROM spans s JOIN span_attributes a ON a.span_id = s.span_id" +
		" WHERE s.operation_name = 'chat' AND (a.key LIKE 'gen\\_ai.usage.%' ESCAPE '\\' OR a.key IN ('gen_ai.response.model', 'gen_ai.request.model', 'gen_ai.conversation.id')) ORDER BY s.trace_id, s.span_id, a.key") {
		if row.Text(0) != l.span || row.Text(1) != l.trace {
			flush()
			l = copilotLine{operation: "chat", span: row.Text(0), trace: row.Text(1), at: row.When(2), model: strings.TrimSpace(row.Text(3))}
		}
		l.column(row.Text(4), row, 5)
	}
	flush()
	return p
}

// column notes an attribute that is a row.
func (l *copilotLine) column(name string, row Row, i int) {
	switch name {
	case "gen_ai.response.model":
		l.model = cmp.Or(l.model, strings.TrimSpace(row.Text(i)))
	case "gen_ai.request.model":
		l.asked = strings.TrimSpace(row.Text(i))
	case "gen_ai.conversation.id":
		l.chat = row.Text(i)
	default:
		l.counter(strings.TrimPrefix(name, "gen_ai.usage."), row.Count(i))
	}
}
