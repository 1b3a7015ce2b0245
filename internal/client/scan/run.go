package scan

import (
	"context"
	"runtime"
	"slices"
	"time"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// Options say whose files are read.
type Options struct {
	Home    string              // absolute
	Getenv  func(string) string // nil: no variable is set, so that nothing outside Home is looked at
	GOOS    string              // empty: the one this was built for
	Sources []source.Source
	Extra   map[string][]string // further roots, by source
	Now     time.Time           // records later than a day after it are not believed; zero: all are
	Zone    *time.Location      // that the machine's clock stands in; nil: the system's
	// Progress is called by one worker at a time; nil: never.
	Progress Progress
	// Traced wants to know what became of the responses of these times; nil: of none.
	Traced func(time.Time) bool
	// Opened is called by one worker at a time with every file that is about to be opened; nil: never.
	Opened func(source, name string)
}

// Run reads the machine. It fails only if ctx ends; whatever else goes wrong is in the result's warnings.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return run(ctx, o, osAccess)
}

func run(ctx context.Context, o Options, a access) (*Result, error) {
	m := machine{home: o.Home, getenv: o.Getenv, goos: o.GOOS}
	finds := make([]*find, len(o.Sources))
	for i, s := range o.Sources {
		finds[i] = look(s, m, slices.Concat(o.Extra[s.ID], m.set(s, a, o.Opened)), a)
		finds[i].tracer = newTracer(s.ID, o.Traced)
	}
	if err := readAll(ctx, finds, o, a); err != nil {
		return nil, err
	}
	result := &Result{}
	var records []usage.Record
	for _, t := range settleAll(finds, o.Now) {
		records = append(records, t.records...)
		result.Sources = append(result.Sources, t.state)
		result.Warnings = append(result.Warnings, t.warnings(m)...)
		result.Files += t.state.Files
		result.Bytes += t.state.Bytes
		result.Records += t.state.Records
		if trace, ok := t.find.tracer.end(); ok {
			result.Traces = append(result.Traces, trace)
		}
	}
	result.Cells = usage.Cells(records)
	return result, nil
}
