package accept

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"tokenflex.ing/internal/wire"
)

// members is an object with its values still as they were sent. Names are matched exactly, which encoding/json does not do.
type members map[string]json.RawMessage

// decoder reads known members and notes what is wrong with them. It ignores the others, and how many they are: they may be a
// newer client's, or an amount of money, which has nowhere to go.
type decoder struct {
	errs    faults
	ignored int
}

// get returns a member's value. null says as little as an absent member.
func (d *decoder) get(m members, name string) (json.RawMessage, bool) {
	raw, ok := m[name]
	if ok {
		d.ignored--
	}
	return raw, ok && !isNull(raw)
}

func (d *decoder) object(at string, raw json.RawMessage) members {
	var m members
	if raw == nil || isNull(raw) || json.Unmarshal(raw, &m) != nil {
		d.errs.add(at, "type", "must be an object")
	}
	d.ignored += len(m) // until they are asked for
	return m
}

func (d *decoder) list(at string, raw json.RawMessage) []json.RawMessage {
	var l []json.RawMessage
	if raw == nil || isNull(raw) || json.Unmarshal(raw, &l) != nil {
		d.errs.add(at, "type", "must be an array")
	}
	return l
}

// text reads a string; an absent one is empty.
func (d *decoder) text(at string, m members, name string) string {
	raw, ok := d.get(m, name)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		d.errs.add(at+"/"+name, "type", "must be a string")
	}
	return s
}

// integer reads a whole number that fits 64 bits, written without fraction or exponent; an absent one is 0.
func (d *decoder) integer(at string, m members, name string) int64 {
	raw, ok := d.get(m, name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		d.errs.add(at+"/"+name, "type", "must be a whole number")
	}
	return n
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// Decode reads an upload, and counts the members that it ignored. It returns *ErrMalformed for what is not JSON, *ErrTooMany for too many rows, and *ErrInvalid
// for JSON that is not an upload.
func Decode(body []byte) (u wire.Usage, ignored int, err error) {
	if err := checkJSON(body); err != nil {
		return u, 0, err
	}
	if b := bytes.TrimLeft(body, " \t\r\n"); b[0] != '{' {
		return u, 0, &ErrMalformed{"not an object"}
	}
	var d decoder
	m := d.object("", body)
	u.V = int(d.integer("", m, "v"))
	u.SyncID = d.text("", m, "sync_id")
	u.Seq = d.integer("", m, "seq")
	u.Mode = wire.Mode(d.text("", m, "mode"))
	u.Client = d.client(m)
	u.Parsers = d.parsers(m)
	raw, _ := d.get(m, "rows")
	rows := d.list("/rows", raw) // as many as there may be: checkJSON counted
	u.Rows = make([]wire.Day, len(rows))
	for i, raw := range rows {
		u.Rows[i] = d.row(fmt.Sprintf("/rows/%d", i), raw)
	}
	return u, d.ignored, d.errs.err()
}

func (d *decoder) client(m members) wire.Client {
	raw, ok := d.get(m, "client")
	if !ok {
		return wire.Client{}
	}
	c := d.object("/client", raw)
	return wire.Client{Name: d.text("/client", c, "name"), Version: d.text("/client", c, "version"), OS: d.text("/client", c, "os")}
}

func (d *decoder) parsers(m members) map[string]int {
	raw, ok := d.get(m, "parsers")
	if !ok {
		return nil
	}
	revisions := d.object("/parsers", raw)
	parsers := make(map[string]int, len(revisions))
	for source := range revisions {
		parsers[source] = int(d.integer("/parsers", revisions, source))
	}
	return parsers
}

func (d *decoder) row(at string, raw json.RawMessage) wire.Day {
	m := d.object(at, raw)
	return wire.Day{
		Day:          d.text(at, m, "day"),
		Source:       d.text(at, m, "source"),
		Model:        d.text(at, m, "model"),
		Band:         d.integer(at, m, "band"),
		Tier:         d.text(at, m, "tier"),
		Requests:     d.integer(at, m, "requests"),
		Input:        d.integer(at, m, "input"),
		CacheRead:    d.integer(at, m, "cache_read"),
		CacheWrite5m: d.integer(at, m, "cache_write_5m"),
		CacheWrite1h: d.integer(at, m, "cache_write_1h"),
		Output:       d.integer(at, m, "output"),
		Reasoning:    d.integer(at, m, "reasoning"),
	}
}

// ErrTooMany is an upload of more rows than one request may hold.
type ErrTooMany struct{ Rows int }

func (e *ErrTooMany) Error() string {
	return fmt.Sprintf("%d rows, more than %d", e.Rows, wire.MaxRows)
}

// ErrInvalid is an upload whose values are refused, each with its place.
type ErrInvalid struct {
	Errors []wire.ProblemError // at most MaxErrors
	Count  int                 // of all
}

// MaxErrors is how many places one answer names.
const MaxErrors = 50

func (e *ErrInvalid) Error() string {
	parts := make([]string, len(e.Errors))
	for i, each := range e.Errors {
		parts[i] = each.Pointer + " " + each.Detail
	}
	return fmt.Sprintf("%d invalid values: %s", e.Count, strings.Join(parts, "; "))
}

// faults collects what is wrong.
type faults struct {
	first []wire.ProblemError
	count int
}

func (f *faults) add(pointer, code, detail string) {
	f.count++
	if len(f.first) < MaxErrors {
		f.first = append(f.first, wire.ProblemError{Pointer: pointer, Code: code, Detail: detail})
	}
}

func (f *faults) err() error {
	if f.count == 0 {
		return nil
	}
	return &ErrInvalid{f.first, f.count}
}
