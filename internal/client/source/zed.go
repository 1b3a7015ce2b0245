package source

import (
	"strings"

	"github.com/klauspost/compress/zstd"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Zed's own agent: one database with a row for every thread, a document that is packed since 2025. It holds the sum of the
// thread, and the counters of those requests that a message of the user still begins. Other agents that run in Zed keep
// counters of their own. The input has no cached tokens in it.
var zed = Source{
	ID:   "zed",
	Name: "Zed",
	Places: []Place{{
		Roots: []string{"$XDG_DATA_HOME/zed/threads", "~/.var/app/dev.zed.Zed/data/zed/threads", "~/Library/Application Support/Zed/threads", "$LOCALAPPDATA/Zed/threads"},
		Files: []string{"threads.db"},
	}},
	Read:     readZed,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  SessionTotal,
	Revision: 1,
}

// zedMax bounds a thread, unpacked, in bytes.
const zedMax = 256 << 20

func readZed(f File) Part {
	c := collect(f)
	t := f.Tables()
	if !t.Has("threads", "id", "updated_at", "data_type", "data") {
		f.Fault(Unfamiliar)
		return c.part
	}
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(zedMax))
	if err != nil {
		f.Fault(Malformed)
		return c.part
	}
	defer unpack.Close()
	for row := range t.Query("SELECT id, updated_at, data_type, data, " + columnOr(t, "threads", "folder_paths", "NULL") + " FROM threads") {
		doc := row.Bytes(3)
		if row.Text(2) == "zstd" {
			if doc, err = unpack.DecodeAll(doc, nil); err != nil {
				f.Fault(Malformed)
				continue
			}
		}
		thread := zedThread{collector: c}
		if !thread.read(jsonwalk.New(doc)) {
			f.Fault(Malformed)
			continue
		}
		if !thread.sound || !c.named(thread.model, thread.tokens()) {
			continue
		}
		id := row.Text(0)
		folder, _, _ := strings.Cut(row.Text(4), "\n")
		c.add(Entry{Record: usage.Record{ID: id, Model: thread.model, Session: id, Project: folder, Time: row.When(1), Tokens: thread.tokens()}})
	}
	return c.part
}

// zedThread is what is counted of one thread.
type zedThread struct {
	*collector
	model         string
	sum, requests usage.Tokens
	sound         bool
}

// read reads the document, and reports whether it is whole.
func (t *zedThread) read(w *jsonwalk.Walker) bool {
	t.sound = true
	for key := range w.Members {
		switch string(key) {
		case "model":
			t.model = strings.TrimSpace(memberText(w, "model"))
		case "cumulative_token_usage":
			t.sum = t.counters(w)
		case "request_token_usage":
			for range w.Members {
				t.requests = t.requests.Add(t.counters(w))
			}
		}
	}
	return w.End() == nil
}

func (t *zedThread) counters(w *jsonwalk.Walker) (tokens usage.Tokens) {
	for key := range w.Members {
		switch string(key) {
		case "input_tokens":
			tokens.Input = w.Count()
		case "output_tokens":
			tokens.Output = w.Count()
		case "cache_creation_input_tokens":
			tokens.CacheWrite5m = w.Count()
		case "cache_read_input_tokens":
			tokens.CacheRead = w.Count()
		}
	}
	t.sound = t.sound && t.believes(tokens.Input, tokens.Output, tokens.CacheWrite5m, tokens.CacheRead)
	return tokens
}

func (t *zedThread) tokens() usage.Tokens {
	if t.sum.IsZero() {
		return t.requests
	}
	return t.sum
}
