package report

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Report is one report, ready to be written in any format.
type Report struct {
	Options
	Labels    []Field // of the rows
	PriceBook string  // the date of the prices
	Rows      []Row
	Totals    Sums // of everything the options are about, also of rows that the limit left out
	Reasoning bool // as in Row, of the totals
	Periods   int  // different spans of time among all rows, in timed reports
	Omitted   Omitted
	Unpriced  []pricing.Unpriced // models without a price, the most used first
	Warnings  []Warning          // what the reading of the machine has to say; for the caller to set
	Found     Found              // of a report without rows
	Plans     []PlanMonth        // in the monthly report and, of the present month, in the overview
}

// Omitted is what a limit left out of the rows.
type Omitted struct {
	Rows int
	Sums
}

// Found says what there was before any filter, to explain an empty report.
type Found struct{ Sources, Models, Projects []string }

// Warning is one oddity of the answer.
type Warning struct {
	Code    string
	Message string   // one line, no full stop
	Details []string // a few culprits
	Hint    string   // the command that helps
}

// Build makes a report out of cells. The totals are sums of days, each rounded once, whatever the rows are.
func Build(cells []usage.Cell, prices Prices, o Options) *Report {
	r, _ := build(cells, prices, o)
	return r
}

// build makes a report, and returns the priced days that it was made of too.
func build(cells []usage.Cell, prices Prices, o Options) (*Report, []usage.Day) {
	names := namesIn(cells)
	r := &Report{Options: o, Labels: o.Kind.labels(o.By), PriceBook: prices.Date()}
	kept := filter(cells, o, names)
	days, of := usage.DaysOf(kept, o.Zone)
	r.Unpriced = slices.DeleteFunc(prices.Price(days), func(u pricing.Unpriced) bool { return u.Tokens == 0 })
	all := wholeDays(days)
	if splitsDays(o.Kind, r.Labels) {
		all = cellPieces(kept, days, of, prices)
	}
	g := grouper{Report: r, names: names, reasoning: reasoningSources(cells)}
	if o.Kind == InBlocks {
		g.blocks = blocksOf(cells)
	}
	g.group(all)
	if len(r.Rows) == 0 {
		r.Found = found(cells, names)
	}
	if o.Kind == Monthly {
		r.Plans = planMonths(days, o, monthsOf(days))
	}
	return r, days
}

// grouper adds pieces up to rows.
type grouper struct {
	*Report
	names     projectNames
	reasoning map[string]bool
	groups    map[string]*group
	rows      []*group               // in the order in which they were met
	spare     []group                // that nothing is in yet
	key       []byte                 // of the piece at hand
	day, span string                 // the last day, and the span of time that it lies in
	start     time.Time              // of the last piece
	hour      string                 // that it is in
	blocks    map[string][]time.Time // starts of the blocks of each source, the oldest first
}

// group makes the rows. Where what tells them apart tells them into two halves, each is made by a processor of its own.
func (g *grouper) group(all pieces) {
	g.groups = make(map[string]*group)
	inSecond := g.halves()
	if inSecond == nil {
		all(nil, g.add)
		g.finish()
		return
	}
	second := *g
	second.Report = &Report{Options: g.Options, Labels: g.Report.Labels}
	second.groups = make(map[string]*group)
	var working sync.WaitGroup
	working.Go(func() {
		all(inSecond, second.add)
	})
	all(func(key *usage.Key, session string) bool { return !inSecond(key, session) }, g.add)
	working.Wait()
	g.rows = append(g.rows, second.rows...)
	g.Reasoning = g.Reasoning || second.Reasoning
	g.finish()
}

// halves tells the pieces of some rows from those of the others, in reports that may have thousands; nil in the others.
func (g *grouper) halves() func(key *usage.Key, session string) bool {
	var of func(key *usage.Key, session string) string
	switch {
	case slices.Contains(g.Report.Labels, Session):
		of = func(_ *usage.Key, session string) string { return or(session) }
	case g.Kind == Hourly:
		of = func(key *usage.Key, _ string) string { return key.Date } // an hour is in one day
	default:
		return nil
	}
	return func(key *usage.Key, session string) bool {
		name := of(key, session)
		return name[len(name)-1]&1 != 0
	}
}

func (g *grouper) add(p *piece) {
	g.tell(p)
	row := g.groups[string(g.key)]
	if row == nil {
		row = g.newRow()
		row.Labels = g.labels(p)
		g.groups[string(g.key)] = row
		g.rows = append(g.rows, row)
	}
	row.add(p, g.Kind == Projects || g.Kind == Sessions)
	if g.blocks != nil {
		row.Block = g.blockOf(p)
	}
	if !row.Reasoning && g.reasoning[p.key.Source] {
		row.Reasoning, g.Reasoning = true, true
	}
}

// newRow returns an empty row, of which some are made at once.
func (g *grouper) newRow() *group {
	const most = 64
	if len(g.spare) == 0 {
		g.spare = make([]group, min(most, len(g.rows)+1))
	}
	row := &g.spare[0]
	g.spare = g.spare[1:]
	return row
}

func (g *grouper) labels(p *piece) []string {
	labels := make([]string, len(g.Report.Labels))
	for i, f := range g.Report.Labels {
		labels[i] = g.label(f, p)
	}
	return labels
}

func (g *grouper) label(f Field, p *piece) string {
	switch f {
	case Source:
		return p.key.Source
	case Model:
		return or(p.key.Model)
	case Tier:
		return string(p.key.Tier)
	case Session:
		return or(p.session)
	case Project:
		return g.names.of(p.project)
	}
	if g.Kind == Hourly {
		return g.hourOf(p.start)
	}
	if g.blocks != nil {
		return g.blockOf(p).In(g.Zone).Format(minute)
	}
	if g.day != p.key.Date {
		g.day, g.span = p.key.Date, period(g.Kind, p.key.Date)
	}
	return g.span
}

// hourOf is the label of the hour that a piece started in. Pieces come in the order of time.
func (g *grouper) hourOf(start time.Time) string {
	if g.hour == "" || !start.Equal(g.start) {
		g.start, g.hour = start, start.In(g.Zone).Format("2006-01-02T15:00")
	}
	return g.hour
}

// tell sets the key that tells rows apart. A session is one row, though its project may have changed on the way: the one it began
// in is named.
func (g *grouper) tell(p *piece) {
	g.key = g.key[:0]
	for _, f := range g.Report.Labels {
		if g.Kind == Sessions && f == Project && !slices.Contains(g.By, Project) {
			continue
		}
		g.key = append(g.key, g.label(f, p)...)
		g.key = append(g.key, 0)
	}
}

// finish turns the groups into rows, sorted and limited.
func (g *grouper) finish() {
	periods := make(map[string]bool)
	names := make(lists)
	for _, row := range g.rows {
		g.Totals = g.Totals.Add(row.Sums)
		row.Sources, row.Models = names.of(row.sources), names.of(row.models)
		if g.Kind.Timed() {
			periods[row.Labels[0]] = true
		}
	}
	g.Periods = len(periods)
	g.sort()
	g.limit()
}

// limit drops rows: the oldest where rows are in the order of time, else the last.
func (g *grouper) limit() {
	over := len(g.Rows) - g.Limit
	if g.Limit <= 0 || over <= 0 {
		return
	}
	dropped, kept := g.Rows[g.Limit:], g.Rows[:g.Limit]
	if g.oldestFirst() {
		dropped, kept = g.Rows[:over], g.Rows[over:]
	}
	g.Omitted.Rows = over
	for _, r := range dropped {
		g.Omitted.Sums = g.Omitted.Sums.Add(r.Sums)
	}
	g.Rows = kept
}

// period is the label of the span of time that a day lies in.
func period(kind Kind, date string) string {
	switch kind {
	case Weekly:
		return week(date)
	case Monthly:
		return date[:len("2006-01")]
	}
	return date
}

// week is the ISO week of a date, 2026-W47. Its year is the one that the week's Thursday is in.
func week(date string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	year, n := d.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, n)
}

func namesIn(cells []usage.Cell) projectNames {
	folders := make(map[string]bool)
	for i := range cells {
		if i == 0 || cells[i].Project != cells[i-1].Project {
			folders[cells[i].Project] = true
		}
	}
	return nameProjects(folders)
}

// reasoningSources are the tools that recorded reasoning at least once.
func reasoningSources(cells []usage.Cell) map[string]bool {
	of := make(map[string]bool)
	for i := range cells {
		if c := &cells[i]; c.Tokens.Reasoning > 0 && !of[c.Source] {
			of[c.Source] = true
		}
	}
	return of
}

func found(cells []usage.Cell, names projectNames) Found {
	sources, models, projects := make(map[string]int64), make(map[string]int64), make(map[string]int64)
	for _, c := range cells {
		n := c.Tokens.Total()
		sources[c.Source] += n
		models[or(c.Model)] += n
		projects[names.of(c.Project)] += n
	}
	return Found{mostFirst(sources), mostFirst(models), mostFirst(projects)}
}

func mostFirst(tokens map[string]int64) []string {
	names := make([]string, 0, len(tokens))
	for n := range tokens {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return mostThenName(tokens[a], tokens[b], a, b) })
	return names
}
