package render

import (
	"fmt"
	"io"
	"time"

	"tokenflex.ing/internal/usage"
)

// Export is what was counted as it is kept, without sessions and projects: the days by source, model, tier and band, priced.
type Export struct {
	Made         time.Time
	Zone         *time.Location // that days are cut by
	PriceBook    string
	Since, Until string   // days; empty: all
	Sources      []string // a filter
	Days         []usage.Day
}

const exportSchema = "tokenflexing.export.v1"

// WriteExport writes it for other programs: numbers are integers, and cost is micro-dollars.
func WriteExport(w io.Writer, f Format, e *Export) error {
	switch f {
	case JSON:
		return writeJSON(w, exportJSON(e))
	case CSV:
		return writeCSV(w, exportGrid(e))
	}
	return fmt.Errorf("no format %q", f)
}

func exportJSON(e *Export) object {
	var rows lines
	total := usage.Day{Priced: true}
	unpriced := int64(0)
	for i := range e.Days {
		d := &e.Days[i]
		rows = append(rows, append(exportKey(d), exportCounts(d, unpricedOf(d))...))
		total.Requests += d.Requests
		total.Tokens = total.Tokens.Add(d.Tokens)
		unpriced += unpricedOf(d)
		if d.Priced {
			total.Cost = total.Cost.Add(d.Cost)
		}
	}
	return object{
		{"schema", exportSchema},
		{"generated_at", stamp(e.Made)},
		{"timezone", e.Zone.String()},
		{"price_book", e.PriceBook},
		{"filters", object{{"since", orNull(e.Since)}, {"until", orNull(e.Until)}, {"source", list(e.Sources)}}},
		{"rows", rows},
		{"totals", exportCounts(&total, unpriced)},
	}
}

// exportGrid has the zone in every row: there is nowhere else to say it.
func exportGrid(e *Export) grid {
	row := func(d *usage.Day) object {
		return append(append(object{{"timezone", e.Zone.String()}}, exportKey(d)...), exportCounts(d, unpricedOf(d))...)
	}
	return grid{headsOf(row(new(usage.Day))), stream{len(e.Days), func(_ object, i int) object { return row(&e.Days[i]) }}}
}

func exportKey(d *usage.Day) object {
	return object{{"day", d.Date}, {"source", d.Source}, {"model", d.Model}, {"tier", string(d.Tier)}, {"band", int64(d.Band)}}
}

func exportCounts(d *usage.Day, unpriced int64) object {
	t := d.Tokens
	cost := int64(0)
	if d.Priced {
		cost = int64(d.Cost)
	}
	return object{
		{"requests", d.Requests},
		{"input_tokens", t.Input},
		{"cache_read_tokens", t.CacheRead},
		{"cache_write_5m_tokens", t.CacheWrite5m},
		{"cache_write_1h_tokens", t.CacheWrite1h},
		{"output_tokens", t.Output},
		{"reasoning_tokens", t.Reasoning},
		{"total_tokens", t.Total()},
		{"cost_uusd", cost},
		{"unpriced_tokens", unpriced},
	}
}

func unpricedOf(d *usage.Day) int64 {
	if d.Priced {
		return 0
	}
	return d.Tokens.Total()
}
