package book

import (
	"errors"
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
		case 'A' <= c && c <= 'Z':
			folded[i] = c + 'a' - 'A'
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

// Strip takes the form off a name and returns the model's part. It is anchored: the whole of the form must be there.
// A form never takes everything.
func (s Spelling) Strip(name string) (model string, ok bool) {
	before, after, _ := strings.Cut(s.Form, "{model}")
	if before != "" {
		model, ok = head(before, name)
	} else {
		model, ok = tail(after, name)
	}
	return model, ok && model != ""
}

func (s Spelling) check() error {
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
	if after != "" && strings.Contains(after, "{word}") {
		return errors.New("{word} behind a model could be part of its name")
	}
	if s.Tier != "" && !usage.Tier(s.Tier).Valid() {
		return errors.New("no such tier")
	}
	return nil
}

// head takes form off the front of name.
func head(form, name string) (string, bool) {
	for form != "" {
		class, rest := next(form)
		n := span(class, name)
		if n == 0 {
			return "", false
		}
		form, name = rest, name[n:]
	}
	return name, true
}

// tail takes form off the end of name: the form is tried at every place where its remainder could begin.
func tail(form, name string) (string, bool) {
	for i := 1; i < len(name); i++ {
		if rest, ok := head(form, name[i:]); ok && rest == "" {
			return name[:i], true
		}
	}
	return "", false
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

// span is how many bytes of name the literal or class takes; 0 if it does not fit.
func span(class, name string) int {
	switch class {
	case "{date}":
		return dateSpan(name)
	case "{n}":
		return run(name, digit)
	case "{word}":
		return run(name, func(c byte) bool {
			return c|0x20 >= 'a' && c|0x20 <= 'z' || digit(c) || strings.IndexByte("._-", c) >= 0
		})
	}
	if len(name) >= len(class) && strings.EqualFold(name[:len(class)], class) {
		return len(class)
	}
	return 0
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
