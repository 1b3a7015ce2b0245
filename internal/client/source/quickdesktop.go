package source

import (
	"tokenflex.ing/internal/client/jsonwalk"
)

// Quick Desktop: lines of metrics, one for every call, in Amazon's embedded metric format. They do not tell cached tokens.
var quickDesktop = Source{
	ID:   "quick-desktop",
	Name: "Quick Desktop",
	Places: []Place{{
		Env:   []Env{{Name: "QUICKWORK_HOME"}},
		Roots: []string{"~/.quickwork"},
		Files: []string{"metrics/metrics-*.jsonl"},
	}},
	Read:     readQuickDesktop,
	Resume:   resumeQuickDesktop,
	Quality:  "coarse",
	Revision: 1,
}

func readQuickDesktop(f File) Part { return quickDesktopLines(collect(f), 0) }

func resumeQuickDesktop(f File, p Part) (Part, bool) { return goOn(f, p, quickDesktopLines) }

func quickDesktopLines(c *collector, place int) Part {
	f := c.file
	w := jsonwalk.New(nil)
	for line := range f.Lines() {
		place++
		w.Reset(line)
		var e Entry
		for key := range w.Members {
			switch string(key) {
			case "_aws":
				for key := range w.Members {
					if string(key) == "Timestamp" {
						e.Time = when(w)
					}
				}
			case "Model":
				e.Model = trimmed(w.Text())
			case "InputTokens":
				e.Tokens.Input = w.Count()
			case "OutputTokens":
				e.Tokens.Output = w.Count()
			case "session_id":
				e.Session = string(w.Text())
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if c.believes(e.Tokens.Input, e.Tokens.Output) && c.named(e.Model, e.Tokens) {
			e.ID = ledgerID(e.Session, e.Record, place)
			c.add(e)
		}
	}
	return c.endAt(place, "", "")
}
