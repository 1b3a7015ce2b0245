package render

import (
	"io"
	"strings"
)

// Manual is the help of the whole program as one page of its manual.
type Manual struct {
	Name, Version string
	Does          string // one line, without a full stop
	Root          Page
	Shared        Page   // flags that several commands take
	Commands      []Page // their groups are left out where they are the shared ones
}

// WriteManual writes the page in the language of man.
func WriteManual(w io.Writer, m Manual) error {
	r := roff{}
	r.line(".TH", strings.ToUpper(m.Name), "1", "", m.Name+" "+m.Version, "")
	r.line(".SH", "NAME")
	r.text(m.Name + " - " + m.Does)
	r.line(".SH", "SYNOPSIS")
	r.line(".B", m.Root.Usage)
	r.line(".SH", "DESCRIPTION")
	r.paragraphs(m.Root.About)
	r.line(".SH", "FLAGS OF EVERY REPORT")
	r.groups(m.Shared.Groups)
	r.paragraphs(m.Shared.Notes)
	r.line(".SH", "COMMANDS")
	for _, c := range m.Commands {
		r.command(c)
	}
	r.line(".SH", "EXIT STATUS")
	for _, e := range m.Root.Exit {
		code, meaning, _ := strings.Cut(e, " ")
		r.entry(code, meaning)
	}
	_, err := io.WriteString(w, r.String())
	return err
}

// roff is a page in the making.
type roff struct{ strings.Builder }

// line writes a request with its arguments.
func (r *roff) line(request string, arguments ...string) {
	r.WriteString(request)
	for _, a := range arguments {
		r.WriteString(` "` + strings.ReplaceAll(escape(a), `"`, `""`) + `"`)
	}
	r.WriteByte('\n')
}

// text writes a line that is printed as it is: one that begins with a dot would be a request.
func (r *roff) text(s string) {
	if strings.HasPrefix(s, ".") {
		r.WriteString(`\&`)
	}
	r.WriteString(escape(s) + "\n")
}

// escape writes what man would print as another character: dashes, quotes and accents.
var escape = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace

func (r *roff) paragraphs(all []string) {
	for _, p := range all {
		r.line(".PP")
		r.text(p)
	}
}

func (r *roff) entry(what, does string) {
	r.line(".TP")
	r.line(".B", what)
	if does == "" {
		r.line(".br")
		return
	}
	r.text(does)
}

func (r *roff) groups(all []Group) {
	for _, g := range all {
		for _, l := range g.Lines {
			r.entry(l.Write, l.Does)
		}
	}
}

func (r *roff) command(p Page) {
	r.line(".SS", p.Usage)
	r.paragraphs(p.About)
	r.paragraphs(p.Notes)
	r.groups(p.Groups)
	if len(p.Examples) == 0 {
		return
	}
	r.line(".PP")
	r.line(".nf")
	for _, e := range p.Examples {
		r.text(e)
	}
	r.line(".fi")
}
