package source

import (
	"cmp"
	"strconv"

	"tokenflex.ing/internal/client/jsonwalk"
)

// zcodeLine is what one line of a transcript tells of usage.
type zcodeLine struct {
	Entry
	id, uuid string
	n        zcodeCounts
	told     bool
}

func readZCodeTranscript(f File) Part {
	c := collect(f)
	var w jsonwalk.Walker
	i := -1
	for line := range f.Lines() {
		i++
		w.Reset(line)
		var l zcodeLine
		l.read(&w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if !l.told {
			continue
		}
		l.Session = cmp.Or(l.Session, stem(f.Path()))
		l.ID = l.Session + ":" + cmp.Or(l.id, l.uuid, "#"+strconv.Itoa(i))
		l.Model = cmp.Or(l.Model, unknownModel)
		c.zcodeEntry(l.Entry, l.n)
	}
	return c.end("", "")
}

// read takes a line, or the message in it.
func (l *zcodeLine) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "id", "messageId", "message_id":
			l.id = cmp.Or(trimmed(w.Text()), l.id)
		case "uuid":
			l.uuid = cmp.Or(trimmed(w.Text()), l.uuid)
		case "sessionId", "session_id":
			l.Session = trimmed(w.Text())
		case "cwd":
			l.Project = string(w.Text())
		case "timestamp":
			l.Time = when(w)
		case "model", "modelId", "model_id":
			l.Model = cmp.Or(trimmed(w.Text()), l.Model)
		case "usage", "token_usage":
			l.usage(w)
		case "message":
			l.read(w)
		}
	}
}

func (l *zcodeLine) usage(w *jsonwalk.Walker) {
	n := &l.n
	wanted := map[string]*int64{
		"input_tokens": &n.input, "inputTokens": &n.input, "prompt_tokens": &n.input,
		"output_tokens": &n.output, "outputTokens": &n.output, "completion_tokens": &n.output,
		"cache_read_input_tokens": &n.read, "cacheReadInputTokens": &n.read, "cache_read_tokens": &n.read, "cached_tokens": &n.read,
		"cache_creation_input_tokens": &n.write, "cacheCreationInputTokens": &n.write, "cache_write_tokens": &n.write,
		"reasoning_tokens": &n.reasoning, "reasoningTokens": &n.reasoning,
		"total_tokens": &n.total, "totalTokens": &n.total, "computed_total_tokens": &n.total,
	}
	for key := range w.Members {
		l.told = count(w, key, wanted) || l.told
	}
}
