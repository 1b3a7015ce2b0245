package book

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

// Encode writes a book that Decode reads back, below the comment lines of head.
func Encode(b Book, head string) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(head) {
		out.WriteString("# " + line)
	}
	fmt.Fprintf(&out, "prices %s\ndate %s\n\n", Version, b.Date)
	for _, s := range b.Spellings {
		out.WriteString("form " + s.Form)
		if len(s.Of) > 0 {
			out.WriteString(" of=" + strings.Join(s.Of, ","))
		}
		if s.Tier != "" {
			out.WriteString(" tier=" + s.Tier)
		}
		out.WriteByte('\n')
	}
	out.WriteByte('\n')
	for _, m := range b.Moved {
		fmt.Fprintf(&out, "moved %s %s %s\n", m.Name, m.From, m.Model)
	}
	out.WriteByte('\n')
	for _, u := range b.Unpriced {
		fmt.Fprintf(&out, "unpriced %s %s\n", u.Name, u.Reason)
	}
	for _, m := range b.Models {
		m.encode(&out)
	}
	return out.Bytes()
}

func (m Model) encode(out *bytes.Buffer) {
	fmt.Fprintf(out, "\nmodel %s %s %s\n", m.ID, m.Provider, m.Family)
	if len(m.Aliases) > 0 {
		out.WriteString("also " + strings.Join(m.Aliases, " ") + "\n")
	}
	for _, p := range m.Prices {
		fmt.Fprintf(out, "from %s checked %s %s\n", p.From, p.Checked, p.Source)
		for _, r := range p.Rates {
			fmt.Fprintf(out, "rate %6d %-8s %9s %9s %9s %9s %9s\n", r.Band, r.Tier, r.Input,
				cmp.Or(r.CacheRead, none), cmp.Or(r.CacheWrite5m, none), cmp.Or(r.CacheWrite1h, none), r.Output)
		}
	}
}
