package book

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Fold brings the ways of writing one name together: small letters, and the dot of a version ("4.5") as a dash ("4-5"),
// because tools that use names in paths and identifiers write it so. It joins no two versions or sizes.
func Fold(name string) string {
	folded := []byte(name)
	changed := false
	for i, c := range folded {
		switch {
		case lower(c) != c:
			folded[i] = lower(c)
		case c == '.' && i > 0 && i+1 < len(folded) && digit(folded[i-1]) && digit(folded[i+1]):
			folded[i] = '-'
		default:
			continue
		}
		changed = true
	}
	if !changed {
		return name
	}
	return string(folded)
}

// Pattern is a Spelling made ready for use.
type Pattern struct {
	Spelling
	front bool     // the form stands before the model
	parts []string // literals and classes, in order
	edge  string   // the literal at the outer end, "" if a class stands there
}

// Compile makes a spelling that Check accepts ready for use.
func (s Spelling) Compile() Pattern {
	before, after, _ := strings.Cut(s.Form, "{model}")
	p := Pattern{Spelling: s, front: before != ""}
	for rest := before + after; rest != ""; {
		var part string
		part, rest = next(rest)
		p.parts = append(p.parts, part)
	}
	outer := 0
	if !p.front {
		outer = len(p.parts) - 1
	}
	if len(p.parts) > 0 && p.parts[outer][0] != '{' {
		p.edge = p.parts[outer]
	}
	return p
}

// Strip takes the form off a name and returns the model's part. It is anchored: the whole of the form must be there, and
// something must be left.
func (p *Pattern) Strip(name string) (model string, ok bool) {
	if len(name) <= len(p.edge) {
		return "", false
	}
	if p.front {
		if span(p.edge, name) != len(p.edge) {
			return "", false
		}
		end := p.take(name)
		return name[max(end, 0):], end >= 0 && end < len(name)
	}
	if span(p.edge, name[len(name)-len(p.edge):]) != len(p.edge) {
		return "", false
	}
	for i := 1; i < len(name); i++ {
		if span(p.parts[0], name[i:]) > 0 && p.take(name[i:]) == len(name)-i {
			return name[:i], true
		}
	}
	return "", false
}

// Day is the date that a form with {date} in it takes off a name, YYYY-MM-DD; "" if the form has none or does not fit.
func (p *Pattern) Day(name string) string {
	model, fits := p.Strip(name)
	if !fits || !slices.Contains(p.parts, "{date}") {
		return ""
	}
	taken := name[len(model):]
	if p.front {
		taken = name[:len(name)-len(model)]
	}
	for i := range taken {
		if n := dateSpan(taken[i:]); n > 0 {
			d := strings.ReplaceAll(taken[i:i+n], "-", "")
			return d[:4] + "-" + d[4:6] + "-" + d[6:]
		}
	}
	return ""
}

// take is how many bytes at the front of s the parts take together, -1 if they are not there.
func (p *Pattern) take(s string) int {
	taken := 0
	for _, part := range p.parts {
		n := span(part, s[taken:])
		if n == 0 {
			return -1
		}
		taken += n
	}
	return taken
}

func (s Spelling) check(models []Model) error {
	for _, provider := range s.Of {
		if !slices.ContainsFunc(models, func(m Model) bool { return m.Provider == provider }) {
			return fmt.Errorf("no model of provider %q", provider)
		}
	}
	before, after, found := strings.Cut(s.Form, "{model}")
	if !found || strings.Contains(after, "{model}") || (before == "") == (after == "") {
		return errors.New("must be {model} with text on one side")
	}
	text := before + after
	for _, class := range []string{"{date}", "{n}", "{word}"} {
		text = strings.ReplaceAll(text, class, "")
	}
	if strings.ContainsAny(text, "{}") {
		return errors.New("only {date}, {n} and {word} may stand in it")
	}
	if strings.Contains(strings.ReplaceAll(after, "[{word}]", ""), "{word}") {
		return errors.New("{word} behind a model must stand in [ ]: it could be part of the name")
	}
	if s.Tier != "" && !usage.Tier(s.Tier).Valid() {
		return errors.New("no such tier")
	}
	return nil
}

// next splits the first literal or class off a form.
func next(form string) (class, rest string) {
	if form[0] == '{' {
		end := strings.IndexByte(form, '}') + 1
		return form[:end], form[end:]
	}
	if i := strings.IndexByte(form, '{'); i > 0 {
		return form[:i], form[i:]
	}
	return form, ""
}

// span is how many bytes at the front of s the literal or class takes; 0 if it does not fit.
func span(part, s string) int {
	switch part {
	case "{date}":
		return dateSpan(s)
	case "{n}":
		return run(s, digit)
	case "{word}":
		return run(s, word)
	}
	if len(s) < len(part) {
		return 0
	}
	for i := range len(part) {
		if lower(s[i]) != lower(part[i]) {
			return 0
		}
	}
	return len(part)
}

// dateSpan takes 20250929 or 2025-09-29, of this century's twenties or thirties.
func dateSpan(name string) int {
	if run(name, digit) == 8 && plausible(name[:4], name[4:6], name[6:8]) {
		return 8
	}
	if len(name) >= 10 && name[4] == '-' && name[7] == '-' && plausible(name[:4], name[5:7], name[8:10]) {
		return 10
	}
	return 0
}

func plausible(year, month, day string) bool {
	return (year[:3] == "202" || year[:3] == "203") && digit(year[3]) && "01" <= month && month <= "12" && "01" <= day && day <= "31" &&
		digit(month[1]) && digit(day[1])
}

func run(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func word(c byte) bool {
	return 'a' <= lower(c) && lower(c) <= 'z' || digit(c) || c == '.' || c == '_' || c == '-'
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
