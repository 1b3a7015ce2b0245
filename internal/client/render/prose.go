package render

import "strings"

// maxProse is how wide sentences get at most.
const maxProse = 100

// prose is how wide sentences are: unlike tables they follow a window below 40 columns too.
func (s Style) prose() int {
	if s.Width <= 0 {
		return 80
	}
	return min(max(s.Width, 20), maxProse)
}

// wrap breaks a sentence into lines of the style's width; all but the first begin with indent. A word that is longer than a
// line, which only a name from disk can be, is cut.
func (s Style) wrap(first, indent, text string) []string {
	width := s.prose()
	var out []string
	line, used := first, 0
	for word := range strings.FieldsSeq(text) {
		word = s.cutEnd(word, width-max(wide(first), wide(indent)))
		if used > 0 && wide(line)+1+wide(word) > width {
			out = append(out, line)
			line, used = indent, 0
		}
		if used > 0 {
			line += " "
		}
		line += word
		used++
	}
	return append(out, line)
}

// notice is a sentence behind a mark in the warning's colour.
func (s Style) notice(sign, text string) []string {
	out := s.wrap(sign+" ", strings.Repeat(" ", len(sign)+1), text)
	out[0] = s.paint(warn, sign) + out[0][len(sign):]
	return out
}

// run is a suggestion, with a remark if there is room for it. A command is never broken over lines: where it does not fit,
// its parent is named.
func (s Style) run(indent, command, remark string) string {
	if wide(indent)+len("run: ")+wide(command) > s.prose() {
		if words := strings.Fields(command); len(words) > 2 {
			command = strings.Join(words[:2], " ")
		}
	}
	line := indent + "run: " + s.paint(accent, command)
	if remark != "" && wide(bare(line))+4+wide(remark) <= s.prose() {
		line += "    " + remark
	}
	return line
}
