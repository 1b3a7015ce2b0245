package main

import (
	"fmt"
	"strconv"
)

// number is a numeric literal as it was written, so that a price is never a binary fraction.
type number string

// literal reads the JavaScript object literals of a minified bundle: objects with bare or quoted keys, arrays, strings,
// numbers and !0, !1, null. It reads one value and ignores what follows.
type literal struct {
	src []byte
	pos int
}

func parseLiteral(src []byte) (value any, err error) {
	l := &literal{src: src}
	defer func() {
		switch bad := recover().(type) {
		case nil:
		case syntax:
			err = fmt.Errorf("byte %d: %s", l.pos, string(bad))
		default:
			panic(bad)
		}
	}()
	return l.value(), nil
}

type syntax string

func (l *literal) peek() byte {
	if l.pos >= len(l.src) {
		panic(syntax("unexpected end"))
	}
	return l.src[l.pos]
}

func (l *literal) take(c byte) {
	if l.peek() != c {
		panic(syntax(fmt.Sprintf("%q instead of %q", l.peek(), c)))
	}
	l.pos++
}

func (l *literal) value() any {
	switch c := l.peek(); {
	case c == '{':
		return l.object()
	case c == '[':
		return l.array()
	case c == '"' || c == '\'' || c == '`':
		return l.text(c)
	case c == '!':
		l.pos++
		truth := l.peek() == '0'
		l.pos++
		return truth
	case c == '.' || c >= '0' && c <= '9':
		return number(l.run(func(c byte) bool { return c == '.' || c == 'e' || c == '-' || c >= '0' && c <= '9' }))
	case c == 'n':
		l.pos += len("null")
		return nil
	default:
		panic(syntax(fmt.Sprintf("unexpected %q", c)))
	}
}

func (l *literal) object() map[string]any {
	fields := make(map[string]any)
	l.take('{')
	for l.peek() != '}' {
		key := l.key()
		l.take(':')
		fields[key] = l.value()
		if l.peek() == ',' {
			l.pos++
		}
	}
	l.take('}')
	return fields
}

func (l *literal) key() string {
	if c := l.peek(); c == '"' || c == '\'' {
		return l.text(c)
	}
	return l.run(func(c byte) bool { return c != ':' })
}

func (l *literal) array() []any {
	list := []any{}
	l.take('[')
	for l.peek() != ']' {
		list = append(list, l.value())
		if l.peek() == ',' {
			l.pos++
		}
	}
	l.take(']')
	return list
}

func (l *literal) text(quote byte) string {
	l.take(quote)
	var out []byte
	for l.peek() != quote {
		if l.src[l.pos] == '\\' {
			l.pos++
			out = append(out, l.escaped()...)
			continue
		}
		out = append(out, l.src[l.pos])
		l.pos++
	}
	l.take(quote)
	return string(out)
}

func (l *literal) escaped() string {
	c := l.peek()
	l.pos++
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'u':
		if l.pos+4 > len(l.src) {
			panic(syntax("unexpected end"))
		}
		code, err := strconv.ParseUint(string(l.src[l.pos:l.pos+4]), 16, 32)
		if err != nil {
			panic(syntax("bad escape"))
		}
		l.pos += 4
		return string(rune(code))
	}
	return string(c)
}

func (l *literal) run(is func(byte) bool) string {
	begin := l.pos
	for is(l.peek()) {
		l.pos++
	}
	if begin == l.pos {
		panic(syntax("nothing where a word or number was due"))
	}
	return string(l.src[begin:l.pos])
}
