package render

import (
	"tokenflex.ing/internal/client/report"
)

const explainSchema = "tokenflexing.explain.v1"

func explainedJSON(e *report.Explained) object {
	sources := lines{}
	for _, s := range e.Sources {
		sources = append(sources, explainedSourceJSON(s))
	}
	return object{{"schema", explainSchema}, {"date", e.Date}, {"timezone", e.Zone.String()}, {"price_book", e.PriceBook}, {"sources", sources}, {"totals", sumsJSON(e.Totals)}}
}

func explainedSourceJSON(s report.ExplainedSource) object {
	files, dropped, rows := []object{}, []object{}, []object{}
	for _, f := range s.Files {
		files = append(files, object{{"path", f.Name}, {"bytes", f.Bytes}, {"records", f.Told}, {"deleted", f.Gone}})
	}
	for _, d := range s.Dropped {
		dropped = append(dropped, object{{"records", d.N}, {"reason", d.Reason}})
	}
	for _, l := range s.Lines {
		rows = append(rows, explainedLineJSON(l))
	}
	var server any
	if s.Server != nil {
		server = object{{"site", s.Server.Site}, {"date_utc", s.Server.Date}, {"here", sumsJSON(s.Server.Here)}, {"there", sumsJSON(s.Server.There)},
			{"equal", s.Server.Here == s.Server.There}}
	}
	return object{{"source", s.Source}, {"files", files}, {"records", object{{"read", s.Told}, {"kept", s.Kept}}}, {"dropped", dropped}, {"rows", rows},
		{"totals", sumsJSON(s.Sums)}, {"server", server}}
}

// explainedLineJSON has each kind's cost exactly, in pico-dollars: their sum is rounded once.
func explainedLineJSON(l report.ExplainedLine) object {
	kinds := []object{}
	for _, k := range l.Kinds() {
		o := object{{"kind", k.Kind}, {"tokens", k.Tokens}, {"rate_per_1m", nil}, {"pico_usd", nil}}
		if l.Priced {
			o[2].value, o[3].value = k.Rate.Dollars(), k.Exact()
		}
		kinds = append(kinds, o)
	}
	o := object{{"model", l.Model}, {"band", int64(l.Band)}, {"tier", string(l.Tier)}, {"priced", l.Priced}, {"kinds", kinds}, {"price", nil}, {"own", ownName(l.Own, l.Mine)}, {"reason", nil}}
	if l.Known {
		o[5].value = price{match: l.Match, known: true}.matchJSON()
	}
	if l.Reason != "" {
		o[7].value = l.Reason
	}
	return append(o, sumsJSON(report.SumOf(l.Day))...)
}
