package render

import (
	"slices"
	"strings"
)

// Style is how text is to look.
type Style struct {
	Width    int      // columns of the terminal; 0 is 80
	Color    bool     // bold, faint and four colours; never a background
	ASCII    bool     // draw with plain characters only
	Compact  bool     // rounded figures and no bars at any width
	Quiet    bool     // no suggestions
	Currency Currency // of amounts
	Commands []string // that exist, so that no other is suggested: "connect", "sources", …
}

// width is the width that tables are laid out for: below 40 nothing is dropped any further, and lines wrap.
func (s Style) width() int {
	if s.Width <= 0 {
		return 80
	}
	return max(s.Width, 40)
}

// tiny reports whether there is only room for a label and a total.
func (s Style) tiny() bool { return s.Width > 0 && s.Width < 30 }

// role is what a piece of text is for. Colour repeats what its words already say.
type role string

const (
	plain  role = ""
	strong role = "1"
	muted  role = "2"
	accent role = "36"
	money  role = "32"
	ok     role = "32"
	warn   role = "33"
	wrong  role = "31"
	dim    role = "2;36" // the accent, for small parts of a strip
)

func (s Style) paint(r role, text string) string {
	if !s.Color || r == plain || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + string(r) + "m" + text + "\x1b[0m"
}

var asciiGlyphs = strings.NewReplacer("━", "=", "╸", "-", "─", "-", "▁", ".", "▂", ":", "▃", "-", "▄", "=", "▅", "+", "▆", "*", "▇", "%", "█", "#", "░", ".",
	"·", "_", "–", "-", "…", "~")

// draw returns glyphs of ours as the terminal can show them, one for one.
func (s Style) draw(glyphs string) string {
	if s.ASCII {
		return asciiGlyphs.Replace(glyphs)
	}
	return glyphs
}

// suggests reports whether a command line may be suggested: its command has to exist.
func (s Style) suggests(line string) bool {
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "tokenflexing" {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	return strings.HasPrefix(words[0], "-") || slices.Contains(s.Commands, words[0])
}
