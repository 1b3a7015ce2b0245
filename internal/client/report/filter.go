package report

import (
	"slices"
	"strings"

	"tokenflex.ing/internal/usage"
)

// none stands for what a tool did not record.
const none = "(none)"

// ParseFilter reads the value of --source, --model or --project: comma lists that may be given several times. What has a
// "!" before it is left out; if anything has none, only that is kept. Case does not matter. A model matches by its full
// name, or by its name without the date at its end: claude-sonnet-4-5 also means claude-sonnet-4-5-20250929.
func ParseFilter(flag string, values []string) ([]string, error) {
	all := split(values)
	for _, v := range all {
		if v == "!" {
			return nil, &Error{flag + " ! names nothing to leave out", "write " + flag + " !name"}
		}
	}
	return all, nil
}

// Keeps reports whether a filter lets through something known under any of those names.
func Keeps(filter []string, names ...string) bool {
	wanted := true
	for _, f := range filter {
		if _, out := strings.CutPrefix(f, "!"); !out {
			wanted = false
		}
	}
	for _, f := range filter {
		name, out := strings.CutPrefix(f, "!")
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		if out {
			return false
		}
		wanted = true
	}
	return wanted
}

// filter returns the cells that the options are about.
func filter(cells []usage.Cell, o Options, names projectNames) []usage.Cell {
	if o.Since == "" && o.Until == "" && len(o.Sources)+len(o.Models)+len(o.Projects) == 0 {
		return cells
	}
	kept := make([]usage.Cell, 0, len(cells))
	for _, c := range cells {
		date := c.Key(o.Zone).Date
		if o.Since != "" && date < o.Since || o.Until != "" && date > o.Until {
			continue
		}
		if Keeps(o.Sources, c.Source) && Keeps(o.Models, or(c.Model), BareModel(c.Model)) && Keeps(o.Projects, names.forms(c.Project)...) {
			kept = append(kept, c)
		}
	}
	return kept
}

// BareModel is a model's name without the date at its end, "-20250929"; "(none)" where the tool recorded none.
func BareModel(name string) string { return or(usage.BareModel(name)) }

func or(name string) string {
	if name == "" {
		return none
	}
	return name
}
