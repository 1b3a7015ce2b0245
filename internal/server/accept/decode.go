package accept

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"tokenflex.ing/internal/wire"
)

// decoder reads known members and notes what is wrong with them. It ignores the others, and counts them: they may be a
// newer client's, or an amount of money, which has nowhere to go. Names are matched exactly, which encoding/json does not do.
type decoder struct {
	strict
	errs    faults
	ignored int
	in      string // the object that is read: "" or a pointer, which with a slash at its end is of an element
	element int
	said    [saidMost]string // what strings said last, most of which come in row after row
}

// saidMost is how many strings are remembered.
const saidMost = 64

// Depths of values in an upload.
const (
	ofUsage = 2 // a member's
	ofRow   = 3
)

// Decode reads an upload, and counts the members that it ignored. It returns *ErrMalformed for what is not JSON, *ErrTooMany for too many rows, and *ErrInvalid
// for JSON that is not an upload.
func Decode(body []byte) (u wire.Usage, ignored int, err error) {
	d := decoder{strict: strict{body: body}}
	rows := false
	err = d.one(func(name []byte) error {
		rows = rows || string(name) == "rows"
		return d.usage(&u, name)
	})
	if err != nil {
		return wire.Usage{}, 0, err
	}
	if !rows {
		d.fault("rows", "must be an array")
	}
	return u, d.ignored, d.errs.err()
}

func (d *decoder) usage(u *wire.Usage, name []byte) error {
	switch string(name) {
	case "v":
		v, err := d.integer("v", ofUsage)
		u.V = int(v)
		return err
	case "sync_id":
		return d.string(&u.SyncID, "sync_id", ofUsage)
	case "seq":
		return d.count(&u.Seq, "seq", ofUsage)
	case "mode":
		return d.string((*string)(&u.Mode), "mode", ofUsage)
	case "client":
		return d.client(&u.Client)
	case "parsers":
		return d.parsers(u)
	case "rows":
		return d.rows(u)
	case "sketches":
		return d.sketches(u)
	}
	return d.ignore(ofUsage)
}

func (d *decoder) client(c *wire.Client) error {
	return d.inside("client", func(name []byte) error {
		switch string(name) {
		case "name":
			return d.string(&c.Name, "name", ofRow)
		case "version":
			return d.string(&c.Version, "version", ofRow)
		case "os":
			return d.string(&c.OS, "os", ofRow)
		}
		return d.ignore(ofRow)
	})
}

func (d *decoder) parsers(u *wire.Usage) error {
	return d.inside("parsers", func(name []byte) error {
		if u.Parsers == nil {
			u.Parsers = make(map[string]int)
		}
		source := string(name)
		revision, err := d.integer(source, ofRow)
		u.Parsers[source] = int(revision)
		return err
	})
}

// inside reads a member that is an object; null says as little as an absent one.
func (d *decoder) inside(name string, member func(name []byte) error) error {
	if d.next() != '{' {
		return d.other(name, "must be an object", ofUsage)
	}
	d.in = "/" + name
	defer func() { d.in = "" }()
	return d.object(ofUsage, member)
}

func (d *decoder) rows(u *wire.Usage) error {
	if d.next() != '[' {
		d.fault("rows", "must be an array")
		_, err := d.skip(ofUsage)
		return err
	}
	u.Rows = make([]wire.Day, 0, min(bytes.Count(d.body, []byte{'{'}), wire.MaxRows))
	return d.elements("rows", func() { u.Rows = append(u.Rows, wire.Day{}) }, func(name []byte) error { return d.day(&u.Rows[d.element], name) })
}

// elements reads a member that is an array of objects. add makes room for one, and member reads a member of it.
func (d *decoder) elements(name string, add func(), member func(name []byte) error) error {
	d.in = "/" + name + "/"
	defer func() { d.in = "" }()
	return d.list(ofUsage, func(i int) error {
		d.element = i
		add()
		if d.next() != '{' {
			d.fault("", "must be an object")
			_, err := d.skip(ofRow)
			return err
		}
		return d.object(ofRow, member)
	})
}

func (d *decoder) day(r *wire.Day, name []byte) error {
	const depth = ofRow + 1
	switch string(name) {
	case "day":
		return d.string(&r.Day, "day", depth)
	case "source":
		return d.string(&r.Source, "source", depth)
	case "model":
		return d.string(&r.Model, "model", depth)
	case "band":
		return d.count(&r.Band, "band", depth)
	case "tier":
		return d.string(&r.Tier, "tier", depth)
	case "requests":
		return d.count(&r.Requests, "requests", depth)
	case "input":
		return d.count(&r.Input, "input", depth)
	case "cache_read":
		return d.count(&r.CacheRead, "cache_read", depth)
	case "cache_write_5m":
		return d.count(&r.CacheWrite5m, "cache_write_5m", depth)
	case "cache_write_1h":
		return d.count(&r.CacheWrite1h, "cache_write_1h", depth)
	case "output":
		return d.count(&r.Output, "output", depth)
	case "reasoning":
		return d.count(&r.Reasoning, "reasoning", depth)
	}
	return d.ignore(depth)
}

func (d *decoder) sketches(u *wire.Usage) error {
	if d.next() != '[' {
		return d.other("sketches", "must be an array", ofUsage)
	}
	const depth = ofRow + 1
	return d.elements("sketches", func() { u.Sketches = append(u.Sketches, wire.Sketch{}) }, func(name []byte) error {
		s := &u.Sketches[d.element]
		switch string(name) {
		case "day":
			return d.string(&s.Day, "day", depth)
		case "source":
			return d.string(&s.Source, "source", depth)
		case "marks":
			return d.string(&s.Marks, "marks", depth)
		}
		return d.ignore(depth)
	})
}

func (d *decoder) ignore(depth int) error {
	d.ignored++
	_, err := d.skip(depth)
	return err
}

// string reads a string; null says as little as an absent one.
func (d *decoder) string(to *string, name string, depth int) error {
	if d.next() != '"' {
		return d.other(name, "must be a string", depth)
	}
	says, err := d.text()
	*to = d.once(says)
	return err
}

// once returns what a string says, the same if it came before and not two others since that have its place.
func (d *decoder) once(says []byte) string {
	n := len(says)
	if n == 0 {
		return ""
	}
	at := (uint32(n) + uint32(says[0])<<8 + uint32(says[n/2])<<16 + uint32(says[n-1])<<24) * 0x9e3779b1 >> 26 // one of saidMost
	last, before := &d.said[at], &d.said[at^1]
	if *before == string(says) {
		return *before
	}
	if *last != string(says) {
		*last, *before = string(says), *last
	}
	return *last
}

func (d *decoder) count(to *int64, name string, depth int) error {
	n, err := d.integer(name, depth)
	*to = n
	return err
}

// integer reads a whole number that fits 64 bits, written without fraction or exponent; null is 0.
func (d *decoder) integer(name string, depth int) (int64, error) {
	if n, ok := d.plain(); ok {
		return n, nil
	}
	raw, err := d.skip(depth)
	if err != nil || isNull(raw) {
		return 0, err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		d.fault(name, "must be a whole number")
		return 0, nil
	}
	return n, nil
}

// other reads what is not of the member's type.
func (d *decoder) other(name, must string, depth int) error {
	raw, err := d.skip(depth)
	if err == nil && !isNull(raw) {
		d.fault(name, must)
	}
	return err
}

// fault notes that a member of the object, or with an empty name the element, is of another type.
func (d *decoder) fault(name, must string) {
	at := d.in
	if strings.HasSuffix(at, "/") {
		at += strconv.Itoa(d.element)
	}
	if name != "" {
		at += "/" + name
	}
	d.errs.add(at, "type", must)
}

func isNull(raw []byte) bool { return string(raw) == "null" }

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

// Summary says how many values are refused.
func (e *ErrInvalid) Summary() string {
	if e.Count == 1 {
		return "1 value is refused"
	}
	return strconv.Itoa(e.Count) + " values are refused"
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
