package source

import (
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// codexPayload holds the members that are wanted of any line's payload, at its first level only: below it the instructions and
// tools of a thread have keys of the same names.
type codexPayload struct {
	kind, id, cwd, model, tier    []byte
	forkedFrom, parent, spawnedBy []byte
	lane                          []byte // the rate limit that an event speaks of; each has running totals of its own
	at                            time.Time
	info                          codexInfo
}

// codexInfo is what a token_count tells.
type codexInfo struct {
	model, modelName []byte
	total, last      codexUsage
}

func (p *codexPayload) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			p.kind = w.Text()
		case "id":
			p.id = w.Text()
		case "cwd":
			p.cwd = w.Text()
		case "model":
			p.model = w.Text()
		case "service_tier":
			p.tier = w.Text()
		case "timestamp":
			p.at = when(w)
		case "forked_from_id":
			p.forkedFrom = w.Text()
		case "parent_thread_id":
			p.parent = w.Text()
		case "source":
			p.spawnedBy = spawnedBy(w)
		case "rate_limits":
			p.lane = member(w, "limit_id")
		case "info":
			p.info = codexInfo{}
			p.info.read(w)
		}
	}
}

func (i *codexInfo) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "model":
			i.model = w.Text()
		case "model_name":
			i.modelName = w.Text()
		case "total_token_usage":
			i.total = readCodexUsage(w)
		case "last_token_usage":
			i.last = readCodexUsage(w)
		}
	}
}

// spawnedBy takes {"subagent":{"thread_spawn":{"parent_thread_id":…}}}; of a person's thread there is just a word.
func spawnedBy(w *jsonwalk.Walker) (id []byte) {
	for key := range w.Members {
		if string(key) != "subagent" {
			continue
		}
		for key := range w.Members {
			if string(key) == "thread_spawn" {
				id = member(w, "parent_thread_id")
			}
		}
	}
	return id
}

// member takes the object ahead and returns the text it has under that name.
func member(w *jsonwalk.Walker, name string) (text []byte) {
	for key := range w.Members {
		if string(key) == name {
			text = w.Text()
		}
	}
	return text
}
