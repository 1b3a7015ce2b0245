package render

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/report"
)

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	name  string // of letters
	value any
}

func (o object) MarshalJSON() ([]byte, error) { return o.append(nil) }

func (o object) append(b []byte) (_ []byte, err error) {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), m.name...), `":`...)
		if b, err = appendValue(b, m.value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendValue appends what most values are as the encoder would, which takes all others.
func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case object:
		return v.append(b)
	case string:
		if plainText(v) {
			return append(append(append(b, '"'), v...), '"'), nil
		}
	case []string:
		if v == nil {
			return append(b, "null"...), nil
		}
		b = append(b, '[')
		for i, s := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendValue(b, s); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	text, err := marshal(v)
	return append(b, text...), err
}

// plainText reports whether JSON writes a text as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// lines is an array with one member a line, so that a document can be read, compared and searched by line.
type lines []object

func (l lines) MarshalJSON() ([]byte, error) { return l.append(nil) }

func (l lines) append(b []byte) (_ []byte, err error) {
	b = append(b, '[')
	for i, o := range l {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = o.append(append(b, "\n  "...)); err != nil {
			return nil, err
		}
	}
	if len(l) > 0 {
		b = append(b, "\n "...)
	}
	return append(b, ']'), nil
}

// writeJSON writes a document with each of its members on a line of its own.
func writeJSON(w io.Writer, doc object) error {
	j := jsonWriter{w: w}
	for i, m := range doc {
		j.b = append(j.b, map[bool]string{true: "{", false: ",\n "}[i == 0]...)
		j.b = append(strconv.AppendQuote(j.b, m.name), ':')
		switch v := m.value.(type) { // an encoder would take line breaks out
		case stream:
			j.stream(v)
		case lines:
			j.take(v.append(j.b))
		default:
			j.take(appendValue(j.b, v))
		}
	}
	j.b = append(j.b, "}\n"...)
	j.flush()
	return j.err
}

// jsonWriter writes a document in pieces that end where no text does.
type jsonWriter struct {
	w   io.Writer
	b   []byte
	err error // the first
}

// atOnce is how much of a document is held before it is written, in bytes.
const atOnce = 32 << 10

func (j *jsonWriter) take(b []byte, err error) {
	if err != nil {
		j.err = cmp.Or(j.err, err)
		return
	}
	if j.b = b; len(b) >= atOnce {
		j.flush()
	}
}

func (j *jsonWriter) flush() {
	if j.err == nil {
		_, j.err = j.w.Write(escapeUnseen(j.b))
	}
	j.b = j.b[:0]
}

func (j *jsonWriter) stream(all stream) {
	j.b = append(j.b, '[')
	j.take(all.append(j.b, appendMembers, func(b []byte) ([]byte, error) {
		j.take(b, nil)
		return j.b, j.err
	}))
	if all.n > 0 {
		j.b = append(j.b, "\n "...)
	}
	j.b = append(j.b, ']')
}

// appendMembers appends some members of a stream.
func appendMembers(b []byte, all stream, from, to int) (_ []byte, err error) {
	var o object
	for i := from; i < to; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		o = all.at(o[:0], i)
		if b, err = o.append(append(b, "\n  "...)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// escapeUnseen writes what a terminal would obey or hide as \u escapes. Outside of strings JSON has no such characters.
func escapeUnseen(doc []byte) []byte {
	if plainLines(doc) {
		return doc
	}
	if !bytes.ContainsFunc(doc, func(r rune) bool { return r != '\n' && unseen(r) }) {
		return doc
	}
	var b bytes.Buffer
	for _, r := range string(doc) {
		switch {
		case r == '\n' || !unseen(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// plainLines reports whether a document holds nothing but ASCII that is seen, and ends of lines.
func plainLines(doc []byte) bool {
	const ones = 0x0101010101010101
	for len(doc) >= 8 {
		word := binary.LittleEndian.Uint64(doc)
		if (word|(word-' '*ones)|(word+ones))&(0x80*ones) != 0 && !plainBytes(doc[:8]) {
			return false
		}
		doc = doc[8:]
	}
	return plainBytes(doc)
}

func plainBytes(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return (c < ' ' || c > '~') && c != '\n' })
}

// Names of the documents' schemas.
const (
	reportSchema  = "tokenflexing.report.v1"
	sourcesSchema = "tokenflexing.sources.v1"
)

func reportJSON(r *report.Report) object {
	doc := object{
		{"schema", reportSchema},
		{"report", string(r.Kind)},
		{"generated_at", stamp(r.Now)},
		{"timezone", r.Zone.String()},
		{"price_book", r.PriceBook},
		{"filters", object{
			{"since", orNull(r.Since)}, {"until", orNull(r.Until)},
			{"source", list(r.Options.Sources)}, {"model", list(r.Options.Models)}, {"project", list(r.Options.Projects)},
		}},
	}
	doc = append(doc, member{"rows", rowsOf(r)}, member{"totals", sumsJSON(r.Totals)})
	if r.Omitted.Rows > 0 {
		doc = append(doc, member{"omitted", append(object{{"rows", r.Omitted.Rows}}, sumsJSON(r.Omitted.Sums)...)})
	}
	if len(r.Options.Plans) > 0 {
		doc = append(doc, member{"subscriptions", plansJSON(r.Plans)})
	}
	return append(doc, member{"warnings", warningsJSON(r)})
}

func plansJSON(all []report.PlanMonth) lines {
	out := lines{}
	for _, p := range all {
		out = append(out, object{{"name", p.Name}, {"month", p.Month}, {"paid_usd", p.Paid.String()}, {"used_usd", p.Used.Cost.String()},
			{"total_tokens", p.Used.Tokens.Total()}, {"unpriced_tokens", p.Used.Unpriced}})
	}
	return out
}

func rowsOf(r *report.Report) stream {
	return stream{len(r.Rows), func(o object, i int) object { return appendRow(o, r, &r.Rows[i]) }}
}

func rowJSON(r *report.Report, row report.Row) object { return appendRow(nil, r, &row) }

func appendRow(o object, r *report.Report, row *report.Row) object {
	for i, f := range r.Labels {
		o = append(o, member{string(f), row.Labels[i]})
	}
	switch r.Kind {
	case report.Projects:
		o = append(o, member{"sources", list(row.Sources)}, member{"sessions", row.Sessions}, member{"last", stamp(row.Last)})
	case report.InBlocks:
		o = append(o, member{"begins", stamp(row.Block)}, member{"ends", stamp(row.Ends())}, member{"running", row.Runs(r.Now)}, member{"started", stamp(row.First)}, member{"ended", stamp(row.Last)})
	case report.Sessions:
		o = append(o, member{"started", stamp(row.First)}, member{"ended", stamp(row.Last)}, member{"models", list(row.Models)})
	}
	return appendSums(o, &row.Sums)
}

func sumsJSON(s report.Sums) object { return appendSums(nil, &s) }

// appendSums has the same names in the same order wherever usage is added up.
func appendSums(o object, s *report.Sums) object {
	return append(o,
		member{"requests", s.Requests},
		member{"input_tokens", s.Tokens.Input},
		member{"cache_read_tokens", s.Tokens.CacheRead},
		member{"cache_write_5m_tokens", s.Tokens.CacheWrite5m},
		member{"cache_write_1h_tokens", s.Tokens.CacheWrite1h},
		member{"output_tokens", s.Tokens.Output},
		member{"reasoning_tokens", s.Tokens.Reasoning},
		member{"total_tokens", s.Tokens.Total()},
		member{"cost_usd", s.Cost.String()},
		member{"unpriced_tokens", s.Unpriced})
}

func warningsJSON(r *report.Report) lines {
	all := lines{}
	for _, u := range r.Unpriced {
		message := fmt.Sprintf("%s has no price: %s tokens counted, not costed", name(u.Model), exact(u.Tokens))
		all = append(all, object{{"code", "unpriced-model"}, {"message", message}})
	}
	for _, w := range r.Warnings {
		all = append(all, object{{"code", w.Code}, {"message", w.Message}})
	}
	return all
}

func overviewJSON(v *report.Overview) object {
	windows := make(lines, len(v.Windows))
	for i, w := range v.Windows {
		windows[i] = append(object{{"period", w.Name}, {"since", orNull(w.Since)}}, sumsJSON(w.Sums)...)
	}
	doc := reportJSON(v.Report)
	last := len(doc) - 1
	return append(doc[:last:last], member{"windows", windows}, doc[last])
}

func sourcesJSON(s *report.Sources) object {
	return object{{"schema", sourcesSchema}, {"sources", lines(sourceRows(s))}}
}

func sourceRows(s *report.Sources) []object {
	all := make([]object, len(s.List))
	for i, t := range s.List {
		all[i] = sourceJSON(t)
	}
	return all
}

func sourceHeads() []string { return headsOf(sourceJSON(report.SourceState{})) }

func sourceJSON(t report.SourceState) object {
	var deletes any
	if t.DeletesAfterDays > 0 {
		deletes = t.DeletesAfterDays
	}
	return object{
		{"id", t.ID}, {"name", t.Name}, {"status", string(t.Status)}, {"reason", t.Reason}, {"roots", list(t.Roots)},
		{"files", t.Files}, {"bytes", t.Bytes}, {"records", t.Records}, {"total_tokens", t.TotalTokens},
		{"first", stampOrNull(t.First)}, {"last", stampOrNull(t.Last)}, {"deletes_after_days", deletes},
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
