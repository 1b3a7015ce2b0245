package accept

import (
	"tokenflex.ing/internal/catalogue"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Line is a pair of limits: above Review a day waits for somebody to look at it, above Impossible an upload is refused.
type Line struct{ Review, Impossible int64 }

// Lines are the limits for one account. Tokens are totals of all kinds unless a name says otherwise.
type Lines struct {
	SourceDay    map[string]Line // tokens of one source a day
	AnySourceDay Line            // of a source that has no line of its own
	OutputDay    Line            // output tokens of one source a day
	UserDay      Line            // tokens a day
	UserMonth    Line            // tokens in store.RollingDays days
	FreshDay     Line            // uncached input and cache writes a day
	RequestsDay  Line
	CostDay      Line // micro-dollars a day
	ModelsDay    Line // different models a day
	DearDay      Line // micro-dollars a day of models whose output costs more than DearOutput
	Devices      Line // with rows
	Rows         Line // stored
	PastDays     Line // days that were told of only when they were over
	PastTokens   Line // and their tokens

	Parsers map[string]int // by source: days that an older revision of its parser read wait for review
	// Others says what the other accounts have on the board, to one that has so many tokens there itself; nil: it is compared with
	// none. Today is the board's last day.
	Others func(own int64) Others
	Today  string
	Prices *pricing.Table // whose families and prices are looked at; nil: none are
}

// How a day may be shaped before it waits.
const (
	GrowthFactor  = 50            // times the median of one's own GrowthDays before
	GrowthDays    = 28            // calendar days
	GrowthActive  = 7             // of them with usage, or there is no median to speak of
	GrowthTokens  = 2_000_000_000 // a day may always have
	OutputPercent = 40            // of the tokens may be output
	OutputTokens  = 50_000_000    // a day may be output whatever else it has
	DearOutput    = 100_000_000   // pico-dollars a token: $100 a million
	ForeignOutput = 30_000_000    // the same, of a model of another maker than its tool's
)

// DefaultLines are what the heaviest honest use that is known stays below, with room. Heavy public users of one tool reach
// about 0.6e9 tokens a day and the heaviest known 11e9; one API organisation can at most be served 14e9 uncached
// input tokens a day.
func DefaultLines() Lines {
	const million, billion = 1_000_000, 1_000_000_000
	heavy := Line{12 * billion, 100 * billion}
	middle := Line{3 * billion, 100 * billion}
	sources := make(map[string]Line)
	for _, t := range catalogue.Tools() {
		for _, id := range t.IDs() {
			switch t.Volume {
			case catalogue.Heavy:
				sources[id] = heavy
			case catalogue.Middle:
				sources[id] = middle
			}
		}
	}
	return Lines{
		SourceDay:    sources,
		AnySourceDay: Line{1 * billion, 100 * billion},
		OutputDay:    Line{150 * million, 5 * billion},
		UserDay:      Line{15 * billion, 250 * billion},
		UserMonth:    Line{150 * billion, 2000 * billion},
		FreshDay:     Line{2 * billion, 20 * billion},
		RequestsDay:  Line{100_000, 2_000_000},
		CostDay:      Line{5_000 * million, 100_000 * million},
		ModelsDay:    Line{40, 200},
		DearDay:      Line{500 * million, 100_000 * million},
		Devices:      Line{16, 32},
		Rows:         Line{200_000, 2_000_000},
		PastDays:     Line{400, 100_000},
		PastTokens:   Line{50 * billion, 100_000 * billion},
	}
}

// Scale multiplies the review lines, for a host whose accounts are teams. Impossible stays impossible.
func (l Lines) Scale(factor int64) Lines {
	own := make(map[string]Line, len(l.SourceDay))
	for source, line := range l.SourceDay {
		own[source] = line.scale(factor)
	}
	l.SourceDay = own
	for _, line := range []*Line{&l.AnySourceDay, &l.OutputDay, &l.UserDay, &l.UserMonth, &l.FreshDay, &l.RequestsDay, &l.CostDay, &l.ModelsDay,
		&l.DearDay, &l.Devices, &l.Rows, &l.PastDays, &l.PastTokens} {
		*line = line.scale(factor)
	}
	return l
}

func (l Line) scale(factor int64) Line {
	return Line{min(l.Review*factor, l.Impossible), l.Impossible}
}

// OfSource returns the line of tokens of a source a day.
func (l Lines) OfSource(source string) Line {
	if line, ok := l.SourceDay[source]; ok {
		return line
	}
	return l.AnySourceDay
}

// requestLine limits the average request of a row: no model is known to read or write more at once.
type requestLine struct {
	reason, what string
	of           func(*usage.Tokens) int64
	review       func(model string) int64 // tokens a request
	least        int64                    // that review returns of any
	impossible   int64
}

var perRequest = []requestLine{
	{"prompt-size", "prompt tokens a request", func(t *usage.Tokens) int64 { return t.Prompt() }, window, least(anyWindow, func(s size) int64 { return s.window }), 4_000_000},
	{"output-size", "output tokens a request", func(t *usage.Tokens) int64 { return t.Output }, maxOutput, least(anyOutput, func(s size) int64 { return s.output }), 1_000_000},
}

// UncountedTokens is how many tokens a day may have without a single request, of a source that counts them.
const UncountedTokens = 1_000_000
