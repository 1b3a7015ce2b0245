package source

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// OpenClaw, once Clawdbot, Moltbot and Moldbot: Pi's lines for every session of an agent until 2026, then the same events in one
// database for every agent. Sessions that were reset or deleted stay under longer names, imported ones in an archive,
// and a fork copies events, so that one answer may lie in several places.
var openclaw = Source{
	ID:   "openclaw",
	Name: "OpenClaw",
	Places: []Place{{
		Env:   []Env{{Name: "OPENCLAW_STATE_DIR"}, {Name: "OPENCLAW_DIR"}},
		Roots: []string{"~/.openclaw", "~/.clawdbot", "~/.moltbot", "~/.moldbot"},
		Files: []string{
			"agents/*/sessions/**/*.jsonl", "agents/*/sessions/**/*.jsonl.zst",
			"agents/*/sessions/**/*.jsonl.deleted.*", "agents/*/sessions/**/*.jsonl.reset.*", "agents/*/sessions/**/*.imported-*",
			"agents/*/session-sqlite-import-archive/**/*.jsonl*", "agents/*/session-sqlite-import-archive/**/*.imported-*",
			"agents/*/agent/openclaw-agent.sqlite",
		},
	}},
	Hosts: map[string]Place{openclawDriven: {
		Env:   []Env{{Name: "OPENCLAW_STATE_DIR", Below: openclawDrivenHome}, {Name: "OPENCLAW_DIR", Below: openclawDrivenHome}},
		Roots: []string{"~/.openclaw/" + openclawDrivenHome},
		Files: []string{"sessions/**/rollout-*.jsonl", "sessions/**/rollout-*.jsonl.zst"},
	}},
	Read:     readOpenclaw,
	Resume:   resumeOpenclaw,
	Own:      true,
	Quality:  "exact",
	Revision: 1,
}

// openclawDriven is the source of what OpenClaw drives, whose home for an agent is below that agent's own.
const (
	openclawDriven     = "codex"
	openclawDrivenHome = "agents/*/agent/codex-home"
)

// openclawEvents asks for what a session's file would tell of the events that matter, without what was said in them. Text
// that is no JSON gives a null.
const openclawEvents = `
WITH told AS (
	SELECT session_id, %s AS seq, %s AS created_at, CASE WHEN json_valid(CAST(event_json AS TEXT)) THEN CAST(event_json AS TEXT) END AS event
	FROM transcript_events WHERE instr(event_json, '"usage"') > 0 OR instr(event_json, '"modelId"') > 0
)
SELECT session_id, CASE WHEN event IS NOT NULL THEN json_object(
	'type', json_extract(event, '$.type'), 'id', json_extract(event, '$.id'),
	'timestamp', coalesce(json_extract(event, '$.timestamp'), json_extract(event, '$.message.timestamp'), created_at),
	'customType', json_extract(event, '$.customType'),
	'modelId', coalesce(json_extract(event, '$.modelId'), json_extract(event, '$.data.modelId')),
	'message', json_object(
		'role', json_extract(event, '$.message.role'), 'model', json_extract(event, '$.message.model'),
		'api', json_extract(event, '$.message.api'), 'idempotencyKey', json_extract(event, '$.message.idempotencyKey'),
		'timestamp', json_extract(event, '$.message.timestamp'),
		'usage', json_object(
			'input', json_extract(event, '$.message.usage.input'), 'output', json_extract(event, '$.message.usage.output'),
			'cacheRead', json_extract(event, '$.message.usage.cacheRead'), 'cacheWrite', json_extract(event, '$.message.usage.cacheWrite'),
			'totalTokens', json_extract(event, '$.message.usage.totalTokens')))) END
FROM told ORDER BY session_id, seq`

func readOpenclaw(f File) Part {
	if strings.HasSuffix(f.Path(), ".sqlite") {
		return readOpenclawTables(f)
	}
	return newOpenclawReader(collect(f), openclawSession(f.Path()), "").lines("")
}

func resumeOpenclaw(f File, p Part) (Part, bool) {
	r := newOpenclawReader(recollect(f, p), "", "")
	if !r.restore(p.State) {
		return p, false
	}
	return r.lines(""), true
}

func newOpenclawReader(to *collector, session, model string) *piReader {
	return &piReader{to: to, key: openclawKey, skip: openclawBookkeeping, mirrors: openclawMirrors, session: session, model: model}
}

func readOpenclawTables(f File) Part {
	t, to := f.Tables(), collect(f)
	if !t.Has("transcript_events", "session_id", "event_json") {
		f.Fault(Unfamiliar)
		return Part{}
	}
	models := make(map[string]string)
	for _, table := range []string{"sessions", "session_windows"} {
		if t.Has(table, "session_id", "model") {
			for row := range t.Query("SELECT session_id, model FROM " + table + " WHERE model <> ''") {
				models[row.Text(0)] = strings.TrimSpace(row.Text(1))
			}
		}
	}
	events := fmt.Sprintf(openclawEvents, columnOr(t, "transcript_events", "seq", "0"), columnOr(t, "transcript_events", "created_at", "NULL"))
	var r *piReader
	for row := range t.Query(events) {
		if session := row.Text(0); r == nil || r.session != session {
			r = newOpenclawReader(to, session, models[session])
		}
		if row.Null(1) {
			f.Fault(Malformed)
			continue
		}
		r.line(row.Bytes(1))
	}
	return to.end("", "")
}

// openclawSession returns the session that a file's name begins with.
func openclawSession(file string) string {
	id, _, _ := strings.Cut(path.Base(file), ".jsonl")
	return id
}

// openclawKey tells an event wherever it was copied to.
func openclawKey(l *piLine) string {
	at, u := firstTime(l.message.at, l.at), l.message.usage
	if len(l.id) == 0 && at.IsZero() {
		return ""
	}
	return "openclaw:" + string(l.id) + ":" + strconv.FormatInt(unixMilli(at), 10) + ":" +
		strconv.FormatInt(u.input, 10) + ":" + strconv.FormatInt(u.output, 10)
}

// openclawBookkeeping reports whether an answer is a note of the gateway's own, which no model gave.
func openclawBookkeeping(l *piLine) bool {
	switch strings.TrimSpace(string(l.message.model)) {
	case "delivery-mirror", "gateway-injected":
		return true
	}
	return string(l.message.api) == "openclaw-transcript"
}

// openclawMirrors returns the session of another tool that an answer was given in, if OpenClaw only drove that tool: of a turn
// of Codex it keeps the last answer, while the thread's rollout has them all.
func openclawMirrors(l *piLine) string {
	rest, ok := strings.CutPrefix(string(l.message.idempotency), "codex-app-server:")
	thread, _, cut := strings.Cut(rest, ":")
	if !ok || !cut || thread == "" {
		return ""
	}
	return openclawDriven + ":" + thread
}
