package render

import (
	"io"
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// Fact is one line of "label  value", as status and sync say things.
type Fact struct {
	Label string
	Text  string
	Quiet string // said after it, faint
	Wrong string // said instead of it, behind a mark; Text is not used
	Run   string // the command that helps, on a line of its own
}

// Facts writes facts with their values under each other. Lines that do not fit are continued under their value.
func Facts(w io.Writer, s Style, facts ...Fact) error {
	label := 6
	for _, f := range facts {
		label = max(label, wide(f.Label))
	}
	var out []string
	indent := strings.Repeat(" ", label+2)
	for _, f := range facts {
		first := f.Label + strings.Repeat(" ", label+2-wide(f.Label))
		switch {
		case f.Wrong != "":
			lines := s.wrap(first+"! ", indent+"  ", clean(f.Wrong))
			lines[0] = first + s.paint(warn, "!") + lines[0][len(first)+1:]
			out = append(out, lines...)
		default:
			out = append(out, s.faint(s.wrap(first, indent, strings.TrimSpace(clean(f.Text)+" "+f.Quiet)), f.Quiet)...)
		}
		if f.Run != "" && !s.Quiet && s.suggests(f.Run) {
			out = append(out, s.run(indent, f.Run, ""))
		}
	}
	return writeLines(w, trimRight(out))
}

// faint paints what the last line ends with.
func (s Style) faint(lines []string, end string) []string {
	last := len(lines) - 1
	if rest, ok := strings.CutSuffix(lines[last], end); ok && end != "" {
		lines[last] = rest + s.paint(muted, end)
	}
	return lines
}

// SignIn writes what a person does in the browser to let this machine in.
func SignIn(w io.Writer, s Style, site, address, code, device string) error {
	return writeLines(w, append([]string{
		s.paint(strong, "Sign in to "+clean(site)), "",
		"  1  open     " + s.paint(accent, clean(address)),
		"  2  enter    " + s.paint(strong, clean(code)),
	}, append(s.wrap("  3  compare  ", "              ", "it must show this code and \""+clean(device)+"\"; approve"), "")...))
}

// Done writes a sentence about what has come true; its first words are ok.
func Done(w io.Writer, s Style, done, rest string) error {
	lines := s.wrap("", "", done+" "+clean(rest))
	if tail, ok := strings.CutPrefix(lines[0], done); ok {
		lines[0] = s.paint(strong, done) + tail
	}
	return writeLines(w, lines)
}

// Suggest writes a command that may help next, if it exists and suggestions are wanted.
func Suggest(w io.Writer, s Style, command, remark string) error {
	if s.Quiet || !s.suggests(command) {
		return nil
	}
	return writeLines(w, []string{s.run("", command, remark)})
}

// Errors writes what went wrong, in the lines it is told in. What is quoted is the culprit, and commands are shown as such.
func Errors(w io.Writer, s Style, lines ...string) error {
	var out []string
	for i, line := range lines {
		line = clean(line)
		if command, ok := strings.CutPrefix(line, "run: "); ok {
			command, remark, _ := strings.Cut(command, "    ")
			out = append(out, s.run("", command, remark))
			continue
		}
		for _, part := range s.wrap("", "", line) {
			if i == 0 {
				part = s.culprit(part)
			}
			out = append(out, part)
		}
	}
	return writeLines(w, out)
}

// culprit paints what is between quotation marks.
func (s Style) culprit(line string) string {
	before, rest, ok := strings.Cut(line, `"`)
	if !ok {
		return line
	}
	quoted, after, ok := strings.Cut(rest, `"`)
	if !ok {
		return line
	}
	return before + s.paint(wrong, `"`+quoted+`"`) + after
}

// Warnings writes oddities of an answer, after it: each once, with a few culprits and the command that helps.
func Warnings(w io.Writer, s Style, all []report.Warning) error {
	var out []string
	for _, one := range all {
		out = append(out, s.notice("!", clean(one.Message))...)
		out = append(out, s.details(one.Details)...)
		if one.Hint != "" && !s.Quiet && s.suggests(one.Hint) {
			out = append(out, s.run("  ", clean(one.Hint), ""))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return writeLines(w, out)
}

// details lines up "path  reason": paths are cut in their middle, reasons never.
func (s Style) details(all []string) []string {
	var paths, reasons []string
	longest, reason := 0, 0
	for _, d := range all {
		path, why, _ := strings.Cut(clean(d), "  ")
		paths, reasons = append(paths, path), append(reasons, strings.TrimSpace(why))
		longest, reason = max(longest, wide(path)), max(reason, wide(reasons[len(reasons)-1]))
	}
	room := min(longest, max(12, s.width()-4-reason))
	var out []string
	for i, path := range paths {
		out = append(out, "  "+pad(s.cutMiddle(path, room), room)+"  "+reasons[i])
	}
	return trimRight(out)
}

// Reading is how far the reading of the machine is.
type Reading struct {
	Done, Total int64         // bytes
	Files       int           // to be read in all
	Speed       int64         // bytes a second
	Left        time.Duration // zero if it cannot be told yet
}

// Progress is the line that is written anew while the machine is read.
func Progress(s Style, r Reading) string {
	percentage := percent(min(r.Done, r.Total), r.Total)
	if percentage == "" {
		percentage = "0%"
	}
	seconds := ""
	if r.Left > 0 {
		seconds = "  " + exact(int64(r.Left.Round(time.Second)/time.Second)) + " s left"
	}
	if s.width() < 60 {
		return "reading  " + percentage + seconds
	}
	tail := align(false, 2, 3, wide(percentage), percentage) + "  " + ofBytes(r.Done, r.Total)
	const longest, least, head = 21, 8, len("reading  ")
	more := ", " + plural(int64(r.Files), "file") + ", " + size(r.Speed) + "/s"
	if head+least+wide(tail)+wide(more)+wide(seconds) <= s.width() {
		tail += more
	}
	width := max(least, min(longest, s.width()-head-wide(tail)-wide(seconds)))
	full := s.bar(min(r.Done, r.Total), max(1, r.Total), width)
	return "reading  " + s.paint(accent, full) + s.paint(muted, strings.Repeat(s.draw("─"), width-wide(full))) + tail + seconds
}

// ofBytes is "2.2 of 4.3 GB".
func ofBytes(done, total int64) string {
	a, b := size(done), size(total)
	number, unit, _ := strings.Cut(a, " ")
	if strings.HasSuffix(b, " "+unit) {
		return number + " of " + b
	}
	return a + " of " + b
}

// Tokens writes a count with three significant digits, as in sentences: 2.92B.
func Tokens(n int64) string { return units(n) }

// Count writes a number with its noun, 1,711 files.
func Count(n int64, noun string) string { return plural(n, noun) }

// Cost writes an amount of money with the mark for what has no price: $1,909.97+?, or ? if nothing has one.
func Cost(m usage.Money, tokens, unpriced int64) string { return cost(m, tokens-unpriced, unpriced) }

// Rank writes a place among others, #41 of 1,204.
func Rank(rank, of int64) string { return "#" + exact(rank) + " of " + exact(of) }

// Bytes writes a size in decimal units, 1.9 GB.
func Bytes(n int64) string { return size(n) }

// Ago says how long ago something was, in the zone of now: "12 min ago", "yesterday", "4 Oct".
func Ago(t, now time.Time) string { return age(t, now) }
