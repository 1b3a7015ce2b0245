package accept

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"tokenflex.ing/internal/wire"
)

// maxDepth is how deep objects and arrays may nest. An upload needs three; the fourth is for members yet to be invented.
const maxDepth = 4

// maxMembers is how many members an object may have. An upload needs a dozen, and one for each source; each costs a hundred times
// the bytes that it comes in.
const maxMembers = 512

// fewMembers is how many members are compared with each other rather than looked up.
const fewMembers = 16

// ErrMalformed is a body that is not JSON as it must be. Its text says where and what.
type ErrMalformed struct{ Detail string }

func (e *ErrMalformed) Error() string { return "malformed JSON: " + e.Detail }

// strict walks over JSON once. It refuses what encoding/json would let pass: invalid UTF-8, members that come twice, deep nesting, and
// anything behind the first value. It also bounds what reading the value can cost.
type strict struct {
	body []byte
	at   int
}

// one walks over the body's only value, an object whose members are read by member.
func (s *strict) one(member func(name []byte) error) error {
	if !utf8.Valid(s.body) {
		return &ErrMalformed{"invalid UTF-8"}
	}
	if s.next() != '{' {
		return &ErrMalformed{"not an object"}
	}
	if err := s.object(1, member); err != nil {
		return err
	}
	if s.next(); s.at < len(s.body) {
		return &ErrMalformed{fmt.Sprintf("something follows the value at byte %d", s.at)}
	}
	return nil
}

// next skips blanks and returns the byte that follows, 0 at the end.
func (s *strict) next() byte {
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *strict) malformed() error { return &ErrMalformed{fmt.Sprintf("not JSON at byte %d", s.at)} }

// skip walks over the next value and returns the bytes of it.
func (s *strict) skip(depth int) ([]byte, error) {
	c := s.next()
	from := s.at
	var err error
	switch c {
	case '{':
		err = s.object(depth, func([]byte) error { _, err := s.skip(depth + 1); return err })
	case '[':
		err = s.list(depth, func(int) error { _, err := s.skip(depth + 1); return err })
	case '"':
		_, err = s.text()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	default:
		err = s.number()
	}
	return s.body[from:s.at], err
}

// object walks over an object. member walks over the value of the member of a name.
func (s *strict) object(depth int, member func(name []byte) error) error {
	if depth > maxDepth {
		return &ErrMalformed{fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	s.at++
	if s.next() == '}' {
		s.at++
		return nil
	}
	var names distinct
	for {
		if s.next() != '"' {
			return s.malformed()
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if err := names.add(name, s.at); err != nil {
			return err
		}
		if s.next() != ':' {
			return s.malformed()
		}
		s.at++
		if err := member(name); err != nil {
			return err
		}
		if done, err := s.more('}'); done || err != nil {
			return err
		}
	}
}

// list walks over an array. each walks over the value of a number, of no more than there may be.
func (s *strict) list(depth int, each func(i int) error) error {
	if depth > maxDepth {
		return &ErrMalformed{fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	s.at++
	if s.next() == ']' {
		s.at++
		return nil
	}
	for n := 1; ; n++ {
		if n > wire.MaxRows { // counted, so that the answer can say how many
			each = func(int) error { _, err := s.skip(depth + 1); return err }
		}
		if err := each(n - 1); err != nil {
			return err
		}
		done, err := s.more(']')
		if err == nil && done && n > wire.MaxRows {
			err = &ErrTooMany{n}
		}
		if done || err != nil {
			return err
		}
	}
}

// more reports whether an object or array ends here, and otherwise steps over the comma.
func (s *strict) more(end byte) (done bool, err error) {
	switch s.next() {
	case end:
		s.at++
		return true, nil
	case ',':
		s.at++
		return false, nil
	}
	return false, s.malformed()
}

// text walks over a string and returns what it says.
func (s *strict) text() ([]byte, error) {
	from := s.at
	s.at++
	plain := true
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; {
		case c == '"':
			s.at++
			if plain {
				return s.body[from+1 : s.at-1], nil
			}
			return s.escaped(from)
		case c == '\\':
			plain = false
			s.at++
		case c < ' ':
			return nil, s.malformed()
		}
	}
	s.at = len(s.body)
	return nil, s.malformed()
}

// escaped is what a string with escapes says.
func (s *strict) escaped(from int) ([]byte, error) {
	var says string
	if json.Unmarshal(s.body[from:s.at], &says) != nil {
		return nil, s.malformed()
	}
	return []byte(says), nil
}

func (s *strict) word(word string) error {
	if !bytes.HasPrefix(s.body[s.at:], []byte(word)) {
		return s.malformed()
	}
	s.at += len(word)
	return nil
}

// number walks over a number as JSON writes them.
func (s *strict) number() error {
	if s.is("-") {
		s.at++
	}
	if s.is("0") {
		s.at++
	} else if err := s.digits(); err != nil {
		return err
	}
	if s.is(".") {
		s.at++
		if err := s.digits(); err != nil {
			return err
		}
	}
	if !s.is("eE") {
		return nil
	}
	s.at++
	if s.is("+-") {
		s.at++
	}
	return s.digits()
}

func (s *strict) is(any string) bool {
	return s.at < len(s.body) && strings.IndexByte(any, s.body[s.at]) >= 0
}

// plainDigits is how many digits fit 64 bits whatever they are.
const plainDigits = 18

// plain walks over a number that is nothing but a few digits, as nearly all are, and returns it. It stays where it is before anything else.
func (s *strict) plain() (n int64, ok bool) {
	s.next()
	at := s.at
	for at < len(s.body) && '0' <= s.body[at] && s.body[at] <= '9' {
		n = n*10 + int64(s.body[at]-'0')
		at++
	}
	digits := at - s.at
	if digits == 0 || digits > plainDigits || digits > 1 && s.body[s.at] == '0' {
		return 0, false
	}
	if at < len(s.body) && strings.IndexByte(".eE", s.body[at]) >= 0 {
		return 0, false
	}
	s.at = at
	return n, true
}

func (s *strict) digits() error {
	from := s.at
	for s.at < len(s.body) && '0' <= s.body[s.at] && s.body[s.at] <= '9' {
		s.at++
	}
	if s.at == from {
		return s.malformed()
	}
	return nil
}

// distinct are the names of an object's members.
type distinct struct {
	few  [fewMembers][]byte
	n    int
	many map[string]bool // once they are not few
}

func (d *distinct) add(name []byte, at int) error {
	if d.has(name) {
		return &ErrMalformed{fmt.Sprintf("a member comes twice at byte %d", at)}
	}
	if d.n == maxMembers {
		return &ErrMalformed{fmt.Sprintf("an object of more than %d members", maxMembers)}
	}
	switch {
	case d.n < fewMembers:
		d.few[d.n] = name
	case d.many == nil:
		d.many = make(map[string]bool, 2*fewMembers)
		for _, other := range d.few {
			d.many[string(other)] = true
		}
		fallthrough
	default:
		d.many[string(name)] = true
	}
	d.n++
	return nil
}

func (d *distinct) has(name []byte) bool {
	if d.many != nil {
		return d.many[string(name)]
	}
	for _, other := range d.few[:d.n] {
		if string(other) == string(name) {
			return true
		}
	}
	return false
}
