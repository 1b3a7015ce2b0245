package source

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Devin's command line and desktop: a database of messages, transcripts that are exported from it, and the desktop's log of
// the protocol. All three may tell of one session; the first of them counts. In the database the input is without the
// cached tokens, in transcripts and in the log it has them inside. Retries repeat a request and its counters, and the log
// tells a call of the main agent twice.
var devin = Source{
	ID:   "devin",
	Name: "Devin",
	Places: []Place{
		{
			Roots: []string{"$XDG_DATA_HOME/devin/cli", "$APPDATA/devin/cli"},
			Files: []string{"sessions.db", "transcripts/*.json"},
		},
		{
			Roots: []string{"$APPCONFIG/Devin/User/acp-events", "$APPCONFIG/devin/User/acp-events"},
			Files: []string{"*.ndjson"},
		},
	},
	Read:     readDevin,
	Settle:   settleDevin,
	Quality:  "exact",
	Revision: 1,
}

func readDevin(f File) Part {
	switch path.Ext(f.Path()) {
	case ".db":
		return readDevinDatabase(f)
	case ".json":
		return readDevinTranscript(f)
	}
	return readDevinEvents(f)
}

// devinRow is the order of the columns that devinQuery asks for.
const (
	devinSession = iota
	devinNode
	devinRequest
	devinWritten
	devinCreated
	devinModel
	devinInput
	devinOutput
	devinRead
	devinWrite
	devinFolder
	devinSetting
)

func readDevinDatabase(f File) Part {
	c, t := collect(f), f.Tables()
	if !t.Has("message_nodes", "session_id", "chat_message") {
		f.Fault(Unfamiliar)
		return c.part
	}
	place := 0
	for r := range t.Query(devinQuery(f, t)) {
		place++
		n := fourCounts{r.Count(devinInput), r.Count(devinOutput), r.Count(devinRead), r.Count(devinWrite)}
		if !c.believes(n.all()...) {
			continue
		}
		e := Entry{Record: usage.Record{Session: r.Text(devinSession), Project: r.Text(devinFolder), Time: r.When(devinWritten), Tokens: n.tokens()}, Marks: Final}
		if e.Time.IsZero() {
			e.Time = r.When(devinCreated)
		}
		e.Model = devinNamed(r.Text(devinModel), r.Text(devinSetting))
		e.ID = e.Session + ":" + r.Text(devinRequest)
		if r.Text(devinRequest) == "" {
			e.ID = e.Session + ":#" + cmp.Or(r.Text(devinNode), "row"+strconv.Itoa(place))
		}
		c.add(e)
	}
	return c.end("", "")
}

// devinQuery asks for the counters of every answer, without what it says.
func devinQuery(f File, t Tables) string {
	node := columnOr(t, "message_nodes", "row_id", columnOr(t, "message_nodes", "node_id", "NULL"))
	written := wanted(f, t, "message_nodes", "created_at")
	folder, model, sessions := "NULL", "NULL", ""
	if t.Has("sessions", "id") {
		folder = strings.Replace("s."+columnOr(t, "sessions", "working_directory", "NULL"), "s.NULL", "NULL", 1)
		model = strings.Replace("s."+columnOr(t, "sessions", "model", "NULL"), "s.NULL", "NULL", 1)
		sessions = " LEFT JOIN sessions AS s ON s.id = m.session_id"
	}
	return `
SELECT m.session_id, m.node, json_extract(m.j, '$.metadata.request_id'), m.written, json_extract(m.j, '$.metadata.created_at'),
	json_extract(m.j, '$.metadata.generation_model'), json_extract(m.j, '$.metadata.metrics.input_tokens'),
	json_extract(m.j, '$.metadata.metrics.output_tokens'), json_extract(m.j, '$.metadata.metrics.cache_read_tokens'),
	json_extract(m.j, '$.metadata.metrics.cache_creation_tokens'), ` + folder + `, ` + model + `
FROM (
	SELECT session_id, ` + node + ` AS node, ` + written + ` AS written, CASE WHEN json_valid(chat_message) THEN chat_message END AS j
	FROM message_nodes
) AS m` + sessions + `
WHERE json_extract(m.j, '$.role') = 'assistant'`
}

// devinNamed returns the first that names a model: a way to choose one is none, and neither is a number of one.
func devinNamed(names ...string) string {
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" && !strings.EqualFold(name, "adaptive") && !strings.HasPrefix(name, "MODEL_") {
			return name
		}
	}
	return unknownModel
}

// settleDevin keeps of every session what the first tells of those that do: database, transcript, log. A session of the desktop
// may have another name there than in the database behind it: of calls with the same counters the log's are left out.
func settleDevin(parts []Part) []Entry {
	best := make(map[string]int)
	for _, p := range parts {
		for _, e := range p.Entries {
			best[e.Session] = max(best[e.Session], devinRank(e))
		}
	}
	kept := slices.DeleteFunc(Distinct(parts), func(e Entry) bool { return devinRank(e) < best[e.Session] })
	slices.SortFunc(kept, compareEntries)
	told := make(map[usage.Tokens]int)
	for _, e := range kept {
		if devinRank(e) > 0 {
			told[e.Tokens]++
		}
	}
	return slices.DeleteFunc(kept, func(e Entry) bool {
		if devinRank(e) > 0 || told[e.Tokens] == 0 {
			return false
		}
		told[e.Tokens]--
		return true
	})
}

// devinRank tells the databases' entries, 2, and the transcripts', 1, from the logs'.
func devinRank(e Entry) int {
	switch {
	case e.Marks.Has(Final):
		return 2
	case e.Marks.Has(Main):
		return 1
	}
	return 0
}
