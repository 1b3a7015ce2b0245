package source

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Keys of answers and of chats in the database.
const (
	cursorAnswer = "bubbleId:"
	cursorChat   = "composerData:"
)

// cursorUser is the type of what the user said.
const cursorUser = 1

type cursorBubble struct {
	key, chat, request, model string
	at                        time.Time
	tokens                    cursorTokens
	user                      bool
}

// cursorComposer is what a chat says of all its answers.
type cursorComposer struct {
	model string
	at    time.Time
}

func readCursorChats(f File) (p Part) {
	t := f.Tables()
	if !t.Has("cursorDiskKV", "key", "value") {
		if t.Has("cursorDiskKV") || !t.Has("ItemTable") { // the other half of the database, which is there before any chat
			f.Fault(Unfamiliar)
		}
		return p
	}
	bubbles := cursorBubbles(f, t)
	chats := cursorComposers(t, bubbles)
	var requests map[string]string
	for i := range bubbles {
		b := &bubbles[i]
		chat := chats[b.chat]
		b.model = cmp.Or(cursorModel(b.model), cursorModel(chat.model))
		if b.model == "" && b.request != "" && requests == nil {
			requests = cursorRequests(t)
		}
		b.model = cmp.Or(b.model, cursorModel(requests[b.request]), cursorAuto)
		if b.at.IsZero() {
			b.at = chat.at
		}
		p.Entries = append(p.Entries, Entry{Record: usage.Record{ID: b.key, Model: b.model, Session: b.chat, Time: b.at, Tokens: b.tokens.tokens()}})
	}
	return p
}

// cursorModel returns the name, or "" for the one that says nothing.
func cursorModel(name string) string {
	if name = strings.TrimSpace(name); name == "default" {
		return ""
	}
	return name
}

// cursorCounted is in every answer that may have counters.
var cursorCounted = []byte(`"tokenCount"`)

// cursorBubbles returns the answers that have counters.
func cursorBubbles(f File, t Tables) (bubbles []cursorBubble) {
	for row := range t.Query("SELECT key, CAST(value AS BLOB) FROM cursorDiskKV WHERE key >= 'bubbleId:' AND key < 'bubbleId;'") {
		doc := row.Bytes(1)
		if !bytes.Contains(doc, cursorCounted) {
			continue
		}
		b, err := readCursorBubble(jsonwalk.New(doc))
		b.key = row.Text(0)
		b.chat, _, _ = strings.Cut(strings.TrimPrefix(b.key, cursorAnswer), ":")
		switch {
		case strings.ContainsAny(b.chat, "\r\n\x00"): // calls of tools, which repeat their chat's
		case err != nil:
			f.Fault(Malformed)
		case max(b.tokens.input, b.tokens.output) > MaxCount:
			f.Fault(Corrupt)
		case !b.user && !b.tokens.tokens().IsZero():
			bubbles = append(bubbles, b)
		}
	}
	return bubbles
}

func readCursorBubble(w *jsonwalk.Walker) (b cursorBubble, err error) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			b.user = w.Count() == cursorUser
		case "createdAt":
			b.at = when(w)
		case "requestId":
			b.request = string(w.Text())
		case "tokenCount":
			for key := range w.Members {
				switch string(key) {
				case "inputTokens":
					b.tokens.input = w.Count()
				case "outputTokens":
					b.tokens.output = w.Count()
				}
			}
		case "modelInfo":
			b.model = memberText(w, "modelName")
		}
	}
	return b, w.End()
}

// cursorComposers returns what the answers' chats say.
func cursorComposers(t Tables, bubbles []cursorBubble) map[string]cursorComposer {
	keys := make(map[string]bool)
	for _, b := range bubbles {
		keys[sqlText(cursorChat+b.chat)] = true
	}
	chats := make(map[string]cursorComposer)
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(keys)), 200) {
		for row := range t.Query("SELECT key, d->>'$.createdAt', d->>'$.modelConfig.modelName' FROM (SELECT key, CAST(value AS TEXT) AS d FROM cursorDiskKV WHERE key IN (" +
			strings.Join(batch, ", ") + ")) WHERE json_valid(d)") {
			chats[strings.TrimPrefix(row.Text(0), cursorChat)] = cursorComposer{at: row.When(1), model: row.Text(2)}
		}
	}
	return chats
}

// cursorRequests returns the models of requests, which are told beside what was said.
func cursorRequests(t Tables) map[string]string {
	models := make(map[string]string)
	for row := range t.Query("SELECT d->>'$.providerOptions.cursor.requestId', d->>'$.providerOptions.cursor.modelName'" +
		" FROM (SELECT CAST(value AS TEXT) AS d FROM cursorDiskKV WHERE key >= 'agentKv:blob:' AND key < 'agentKv:blob;')" +
		" WHERE instr(d, '\"modelName\"') > 0 AND json_valid(d) ORDER BY 1, 2") {
		if request := row.Text(0); request != "" && models[request] == "" {
			models[request] = cursorModel(row.Text(1))
		}
	}
	return models
}

// memberText takes the object ahead and returns the text of one member.
func memberText(w *jsonwalk.Walker, name string) (text string) {
	for key := range w.Members {
		if string(key) == name {
			text = string(w.Text())
		}
	}
	return text
}
