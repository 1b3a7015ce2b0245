package render

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// name is a word from disk made harmless: what a terminal would obey or hide is written out as \u{…}.
func name(s string) string {
	if s == "" {
		return "(none)"
	}
	return clean(s)
}

func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unseen(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen reports whether a character is not simply drawn: controls, escapes, direction marks, joiners and other characters
// without a width, and spaces that are not the space.
func unseen(r rune) bool {
	if r >= ' ' && r <= '~' {
		return false
	}
	return r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) ||
		r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || unicode.Is(unicode.Variation_Selector, r)
}

// wide is how many columns a text takes.
func wide(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// cutEnd shortens a name to at most n columns, with an ellipsis at its end.
func (s Style) cutEnd(text string, n int) string {
	if wide(text) <= n {
		return text
	}
	if n < 1 {
		return ""
	}
	head, _ := take(text, n-1)
	return head + s.draw("…")
}

// cutMiddle shortens a path to at most n columns, with an ellipsis in its middle, and keeps its last part if it can.
func (s Style) cutMiddle(text string, n int) string {
	if wide(text) <= n {
		return text
	}
	tail := text[strings.LastIndexAny(text[:max(0, len(text)-1)], `/\`)+1:]
	if at := len(text) - len(tail); at > 0 {
		tail = text[at-1:]
	}
	if wide(tail) > n-2 {
		return s.cutEnd(text, n)
	}
	head, _ := take(text, n-1-wide(tail))
	return head + s.draw("…") + tail
}

// take returns the longest head of a text that fits n columns, by whole characters, and the rest.
func take(text string, n int) (head, rest string) {
	state, at, used := -1, 0, 0
	rest = text
	for rest != "" {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used+w > n {
			return text[:at], text[at:]
		}
		used += w
		at += len(cluster)
	}
	return text, ""
}
