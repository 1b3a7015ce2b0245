package jsonwalk

import (
	"bytes"
	"errors"
)

// ErrMalformed reports bytes that are not one whole JSON value.
var ErrMalformed = errors.New("malformed JSON")

// Kind is the kind of value a Walker stands in front of.
type Kind uint8

// The kinds of value. None is the end of the bytes, or something that cannot begin a value.
const (
	None Kind = iota
	Object
	Array
	String
	Scalar // number, true, false or null; NaN and Infinity too, which some writers leave
)

// Walker walks one JSON value. The zero value walks nothing; use Reset.
type Walker struct {
	buf     []byte
	pos     int
	broken  bool
	scratch []byte // keys and texts that had to be decoded
}

// New returns a walker in front of the value in b, which must not change while it is walked.
func New(b []byte) *Walker {
	w := new(Walker)
	w.Reset(b)
	return w
}

// Reset puts the walker in front of the value in b. What Text returned before may change.
func (w *Walker) Reset(b []byte) {
	w.buf, w.pos, w.broken, w.scratch = b, 0, false, w.scratch[:0]
	w.space()
}

// Kind returns the kind of the value ahead, without taking it.
func (w *Walker) Kind() Kind {
	if w.pos >= len(w.buf) {
		return None
	}
	switch c := w.buf[w.pos]; {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case inScalar[c]:
		return Scalar
	}
	return None
}

// Null reports whether the value ahead is null, without taking it.
func (w *Walker) Null() bool {
	return w.Kind() == Scalar && w.buf[w.pos] == 'n'
}

// Members takes the object ahead and yields its keys, decoded as by Text. While a key is looked at the walker stands in
// front of its value. A value of another kind has no members and is skipped.
func (w *Walker) Members(yield func(key []byte) bool) {
	if w.Kind() != Object {
		w.Skip()
		return
	}
	for first := true; ; first = false {
		key, ok := w.shortKey(first)
		if !ok {
			if key, ok = w.key(first); !ok {
				return
			}
		}
		at := w.pos
		more := yield(key)
		if w.pos == at {
			w.Skip()
		}
		if !more {
			w.close()
			return
		}
	}
}

// shortKey is key for those that are short and plain and have no space around them, as nearly all are. It takes no other.
func (w *Walker) shortKey(first bool) (key []byte, ok bool) {
	b, i, before := w.buf, w.pos, byte(',')
	if first {
		before = '{'
	}
	if i+1 >= len(b) || b[i] != before || b[i+1] != '"' {
		return nil, false
	}
	end := shortEnd(b, i+2)
	if end == 0 || end+1 >= len(b) || b[end] != ':' || b[end+1] <= ' ' {
		return nil, false
	}
	w.pos = end + 1
	return b[i+2 : end-1], true
}

// key moves over the opening bracket or a comma to the value of the next member, and returns its key if there is one.
func (w *Walker) key(first bool) (key []byte, ok bool) {
	if !w.next('}', first) {
		return nil, false
	}
	if w.Kind() != String {
		w.fail()
		return nil, false
	}
	key = w.Text()
	w.space()
	if !w.is(':') {
		w.fail()
		return nil, false
	}
	w.pos++
	w.space()
	return key, true
}

// Elements takes the array ahead and yields the index of each element, with the walker in front of it. A value of another
// kind has no elements and is skipped.
func (w *Walker) Elements(yield func(i int) bool) {
	if w.Kind() != Array {
		w.Skip()
		return
	}
	for i := 0; w.next(']', i == 0); i++ {
		at := w.pos
		more := yield(i)
		if w.pos == at {
			w.Skip()
		}
		if !more {
			w.close()
			return
		}
	}
}

// Skip takes the value ahead without looking into it.
func (w *Walker) Skip() {
	switch w.Kind() {
	case Object, Array:
		w.pos++
		w.close()
	case String:
		w.pos = w.stringEnd(w.pos + 1)
	case Scalar:
		w.scalar()
	default:
		w.fail()
	}
}

// End reports whether the walk took one whole value and nothing but white space follows it.
func (w *Walker) End() error {
	w.space()
	if w.broken || w.pos != len(w.buf) {
		return ErrMalformed
	}
	return nil
}

// Broken reports whether the walk has met bytes that are not JSON. Nothing more is yielded from then on.
func (w *Walker) Broken() bool { return w.broken }

// next moves to the next member or element, over the opening bracket or a comma, and reports whether there is one.
func (w *Walker) next(closing byte, first bool) bool {
	if w.broken {
		return false
	}
	if !first {
		w.space()
		if w.is(closing) {
			w.pos++
			return false
		}
		if !w.is(',') {
			w.fail()
			return false
		}
	}
	w.pos++
	w.space()
	if first && w.is(closing) {
		w.pos++
		return false
	}
	if w.pos >= len(w.buf) {
		w.fail()
		return false
	}
	return true
}

// close skips to the end of the object or array that the walker is in.
func (w *Walker) close() {
	b, i := w.buf, w.pos
	for depth := 1; i < len(b) && !w.broken; {
		switch b[i] {
		case '"':
			i = w.stringEnd(i + 1)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			w.pos = i
			return
		}
	}
	w.fail()
}

// stringEnd returns the place after the quote that ends the string whose first byte is at i.
func (w *Walker) stringEnd(i int) int {
	b, from := w.buf, i
	for {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			w.fail()
			return len(b)
		}
		i += j + 1
		if !escaped(b[from : i-1]) {
			return i
		}
		from = i                // no run of backslashes reaches over a quote
		i += quote(b[i-2:]) - 2 // a text in which one quote was escaped holds more of them
	}
}

// escaped reports whether an odd number of backslashes ends b.
func escaped(b []byte) bool {
	n := len(b)
	for n > 0 && b[n-1] == '\\' {
		n--
	}
	return (len(b)-n)%2 == 1
}

// scalar takes the scalar ahead and returns its bytes.
func (w *Walker) scalar() []byte {
	from := w.pos
	for w.pos < len(w.buf) && inScalar[w.buf[w.pos]] {
		w.pos++
	}
	return w.buf[from:w.pos]
}

func (w *Walker) space() {
	if w.pos < len(w.buf) && w.buf[w.pos] > ' ' {
		return
	}
	w.spaces()
}

func (w *Walker) spaces() {
	for w.pos < len(w.buf) {
		switch w.buf[w.pos] {
		case ' ', '\t', '\r', '\n':
			w.pos++
		default:
			return
		}
	}
}

func (w *Walker) is(c byte) bool { return w.pos < len(w.buf) && w.buf[w.pos] == c }

func (w *Walker) fail() {
	w.broken = true
	w.pos = len(w.buf)
}

// inScalar marks the bytes of numbers and of bare words.
var inScalar = func() (set [256]bool) {
	for _, c := range []byte("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		set[c] = true
	}
	return set
}()
