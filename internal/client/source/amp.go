package source

import (
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Amp: one document for every thread, as the server last sent it. Its ledger of requests and the usage of its messages
// overlap: the ledger may lack requests, and its cached tokens are often told by the message alone. All counters are apart.
var amp = Source{
	ID:   "amp",
	Name: "Amp",
	Places: []Place{{
		Env:   []Env{{Name: "AMP_DATA_DIR"}, {Name: "AMP_DIR"}},
		Roots: []string{"$XDG_DATA_HOME/amp"},
		Files: []string{"threads/T-*.json"},
	}},
	Read:     readAmp,
	Settle:   settleAmp,
	Own:      true,
	Quality:  "exact",
	Revision: 2,
	Server:   Server{Volume: "heavy", Hue: 7},
}

// ampTelling is a request as the ledger or a message tells it.
type ampTelling struct {
	id, model   string
	message     string // its number in the thread
	at          time.Time
	n           fourCounts
	total       int64
	hasR, hasW  bool // the cached tokens are told, if only as none
	told, taken bool
}

func readAmp(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	thread := strings.TrimSuffix(path.Base(f.Path()), ".json")
	var created time.Time
	var ledger, messages []ampTelling
	for key := range w.Members {
		switch string(key) {
		case "id":
			if id := trimmed(w.Text()); id != "" {
				thread = id
			}
		case "created":
			created = when(w)
		case "usageLedger":
			for key := range w.Members {
				if string(key) == "events" {
					ledger = readAmpList(w, readAmpEvent)
				}
			}
		case "messages":
			messages = readAmpList(w, readAmpMessage)
		}
	}
	ended(f, w)
	c.part.Session = thread
	for _, t := range ampUnion(ledger, messages) {
		c.ampEntry(thread, created, t)
	}
	return c.end(thread, "")
}

func readAmpList(w *jsonwalk.Walker, read func(*jsonwalk.Walker) ampTelling) (all []ampTelling) {
	for i := range w.Elements {
		t := read(w)
		if t.id == "" {
			t.id = "#" + strconv.Itoa(i)
		}
		if t.told && !w.Broken() {
			all = append(all, t)
		}
	}
	return all
}

func readAmpEvent(w *jsonwalk.Walker) (t ampTelling) {
	for key := range w.Members {
		switch string(key) {
		case "id":
			t.id = trimmed(w.Text())
		case "timestamp":
			t.at = when(w)
		case "model":
			t.model = trimmed(w.Text())
		case "toMessageId":
			t.message = ampNumber(w)
		case "tokens":
			for key := range w.Members {
				t.told = true
				t.count(w, key, "input", "output", "total")
			}
		}
	}
	return t
}

func readAmpMessage(w *jsonwalk.Walker) (t ampTelling) {
	assistant := false
	for key := range w.Members {
		switch string(key) {
		case "role":
			assistant = string(w.Text()) == "assistant"
		case "messageId":
			t.message = ampNumber(w)
		case "usage":
			for key := range w.Members {
				t.told = true
				switch string(key) {
				case "model":
					t.model = trimmed(w.Text())
				case "timestamp":
					t.at = when(w)
				default:
					t.count(w, key, "inputTokens", "outputTokens", "totalInputTokens")
				}
			}
		}
	}
	t.told = t.told && assistant
	if t.message != "" {
		t.id = "m" + t.message
	}
	return t
}

// ampNumber takes the number of a message; no number is none, and not zero.
func ampNumber(w *jsonwalk.Walker) string {
	if w.Null() {
		w.Skip()
		return ""
	}
	if w.Kind() == jsonwalk.String {
		return trimmed(w.Text())
	}
	return strconv.FormatInt(w.Count(), 10)
}

func (t *ampTelling) count(w *jsonwalk.Walker, key []byte, input, output, total string) {
	switch string(key) {
	case total:
		t.total = w.Count()
	case input:
		t.n.input = w.Count()
	case output:
		t.n.output = w.Count()
	case "cacheReadInputTokens":
		t.hasR = !w.Null()
		t.n.read = w.Count()
	case "cacheCreationInputTokens":
		t.hasW = !w.Null()
		t.n.write = w.Count()
	}
}

// ampUnion joins every event of the ledger with the message it led to, by its number or else by its counters, and adds the
// messages that no event tells of.
func ampUnion(ledger, messages []ampTelling) []ampTelling {
	joined := make([]bool, len(ledger))
	for _, name := range []func(ampTelling) ampName{
		func(t ampTelling) ampName { return ampName{message: t.message} },
		func(t ampTelling) ampName { return ampName{model: t.model, input: t.n.input, output: t.n.output} },
	} {
		free := make(map[ampName][]int) // messages that no event took, in their order
		for j, m := range messages {
			if k := name(m); !m.taken && k != (ampName{}) {
				free[k] = append(free[k], j)
			}
		}
		for i := range ledger {
			k := name(ledger[i])
			if joined[i] || len(free[k]) == 0 {
				continue
			}
			j := free[k][0]
			free[k] = free[k][1:]
			joined[i], messages[j].taken = true, true
			ledger[i].join(messages[j])
		}
	}
	ampNames(ledger)
	for _, m := range messages {
		if !m.taken {
			ledger = append(ledger, m)
		}
	}
	return ledger
}

// ampNames gives the first event of every message the message's name, under which that was told alone before the ledger
// had the event.
func ampNames(ledger []ampTelling) {
	named := make(map[string]bool)
	for i := range ledger {
		if t := &ledger[i]; t.message != "" && !named[t.message] {
			named[t.message] = true
			t.id = "m" + t.message
		}
	}
}

// ampName is what an event and its message have in common.
type ampName struct {
	message, model string
	input, output  int64
}

// join takes over what the ledger leaves out.
func (t *ampTelling) join(m ampTelling) {
	if t.n.input+t.n.output == 0 {
		t.n.input, t.n.output = m.n.input, m.n.output
	}
	if !t.hasR {
		t.n.read = m.n.read
	}
	if !t.hasW {
		t.n.write = m.n.write
	}
	if t.model == "" {
		t.model = m.model
	}
	if t.at.IsZero() {
		t.at = m.at
	}
	if t.message == "" {
		t.message = m.message
	}
}

// ampEntry adds a request. A message without a time of its own is put after the thread's beginning, in order.
func (c *collector) ampEntry(thread string, created time.Time, t ampTelling) {
	if t.at.IsZero() && !created.IsZero() {
		n, _ := strconv.ParseInt(t.message, 10, 32)
		t.at = created.Add(time.Duration(n) * time.Second)
	}
	var marks Marks
	if t.n == (fourCounts{}) {
		t.n.input, marks = t.total, Coarse
	}
	if c.believes(t.n.all()...) && c.named(t.model, t.n.tokens()) {
		c.add(Entry{Record: usage.Record{ID: thread + ":" + t.id, Model: t.model, Time: t.at, Tokens: t.n.tokens()}, Marks: marks})
	}
}

// settleAmp keeps the larger of two copies of a thread: the server's state grows.
func settleAmp(parts []Part) []Entry {
	best := make(map[string]*Part)
	for i := range parts {
		p := &parts[i]
		if q := best[p.Session]; q == nil || p.Size > q.Size || p.Size == q.Size && newer(p, q) {
			best[p.Session] = p
		}
	}
	var kept []Entry
	for _, p := range best {
		kept = append(kept, p.Entries...)
	}
	return kept
}
