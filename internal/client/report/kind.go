package report

import (
	"slices"
	"strings"
)

// Kind names a report.
type Kind string

// The reports. Overview has a shape of its own, see NewOverview.
const (
	KindOverview Kind = "overview"
	Daily        Kind = "daily"
	Weekly       Kind = "weekly"
	Monthly      Kind = "monthly"
	Hourly       Kind = "hourly"
	Models       Kind = "models"
	Projects     Kind = "projects"
	Sessions     Kind = "sessions"
	InBlocks     Kind = "blocks"
)

// Timed reports whether the rows of the report are spans of time, oldest first.
func (k Kind) Timed() bool {
	return k == Daily || k == Weekly || k == Monthly || k == Hourly || k == InBlocks
}

// own are the labels that a report has without any --by.
func (k Kind) own() []Field {
	switch k {
	case Models:
		return []Field{Model}
	case Projects:
		return []Field{Project}
	case Sessions:
		return []Field{Session, Source, Project}
	case KindOverview:
		return []Field{Source}
	case InBlocks:
		return []Field{Period, Source}
	}
	return []Field{Period}
}

// labels are the labels of the report's rows, each once.
func (k Kind) labels(by []Field) []Field {
	labels := k.own()
	for _, f := range by {
		if !slices.Contains(labels, f) {
			labels = append(labels, f)
		}
	}
	return labels
}

// Field is what rows are told apart by.
type Field string

// The fields. All but Period can be asked for with --by.
const (
	Period  Field = "period"
	Source  Field = "source"
	Model   Field = "model"
	Project Field = "project"
	Session Field = "session"
	Tier    Field = "tier"
)

var groupings = []Field{Source, Model, Project, Session, Tier}

// ParseBy reads the value of --by, a comma list that may be given several times. A field named twice counts once.
func ParseBy(values []string) ([]Field, error) {
	var by []Field
	for _, name := range split(values) {
		f := Field(strings.ToLower(name))
		if !slices.Contains(groupings, f) {
			return nil, &Error{"--by " + name + " is not something to group by", "write source, model, project, session or tier, as in --by source,model"}
		}
		if !slices.Contains(by, f) {
			by = append(by, f)
		}
	}
	return by, nil
}

// split takes comma lists apart; what is empty is left out.
func split(values []string) []string {
	var all []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}
