package render

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// The sample ledger: half a year of four tools, one model of which has no price. Every golden file shows it.

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

var sampleNow = time.Date(2026, 11, 23, 14, 32, 0, 0, berlin)

type sampleModel struct {
	source, name          string
	input, read           float64 // of a prompt: uncached, from the cache; what is left is written to it
	prompt, output, think int
	weight                int
}

var sampleModels = []sampleModel{
	{"claude-code", "claude-opus-4-5-20251101", .01, .95, 52_000, 420, 0, 34},
	{"claude-code", "claude-sonnet-4-5-20250929", .01, .95, 47_000, 360, 0, 27},
	{"claude-code", "claude-haiku-4-5-20251001", .02, .94, 51_000, 370, 0, 9},
	{"codex", "gpt-5.2-codex", .08, .92, 53_000, 390, 90, 14},
	{"codex", "gpt-5.1-codex-max", .07, .93, 52_000, 410, 110, 4},
	{"gemini-cli", "gemini-3-pro-preview", .5, .5, 50_000, 390, 120, 5},
	{"opencode", "glm-4.6", .1, .9, 51_000, 370, 95, 4},
	{"opencode", "aurora-1-preview", .12, .88, 64_000, 440, 0, 1},
}

// samplePrices are pico-dollars a token: input, cache read, write 5m, write 1h, output.
type samplePrices map[string][5]int64

var prices = samplePrices{
	"claude-opus-4-5-20251101":   {5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000},
	"claude-sonnet-4-5-20250929": {3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000},
	"claude-haiku-4-5-20251001":  {1_000_000, 100_000, 1_250_000, 2_000_000, 5_000_000},
	"gpt-5.2-codex":              {1_750_000, 175_000, 1_750_000, 1_750_000, 14_000_000},
	"gpt-5.1-codex-max":          {1_250_000, 125_000, 1_250_000, 1_250_000, 10_000_000},
	"gemini-3-pro-preview":       {2_000_000, 200_000, 2_000_000, 2_000_000, 12_000_000},
	"glm-4.6":                    {600_000, 110_000, 600_000, 600_000, 2_200_000},
}

func (p samplePrices) Date() string { return "2026-11-20" }

func (p samplePrices) Cost(k usage.Key, t usage.Tokens) (usage.Pico, bool) {
	rate, ok := p[k.Model]
	sum := usage.Pico{}
	for i, n := range []int64{t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output} {
		sum = sum.Add(usage.PicoOf(n, rate[i]))
	}
	return sum, ok
}

func (p samplePrices) Rate(k usage.Key) (func(usage.Tokens) usage.Pico, bool) {
	_, ok := p[k.Model]
	return func(t usage.Tokens) usage.Pico { cost, _ := p.Cost(k, t); return cost }, ok
}

func (p samplePrices) Price(days []usage.Day) []pricing.Unpriced {
	var missing []pricing.Unpriced
	for i, d := range days {
		cost, ok := p.Cost(d.Key, d.Tokens)
		days[i].Cost, days[i].Priced = cost.Round(), ok
		if ok {
			continue
		}
		if len(missing) == 0 {
			missing = append(missing, pricing.Unpriced{Model: d.Model})
		}
		missing[0].Tokens += d.Tokens.Total()
		missing[0].Requests += d.Requests
	}
	return missing
}

// sample is the ledger: the same every time.
var sample = sync.OnceValue(writeSample)

func writeSample() []usage.Cell {
	random := rand.New(rand.NewPCG(23, 11))
	var all []usage.Record
	for day := 180; day >= 0; day-- {
		noon := time.Date(2026, 11, 23-day, 9, 0, 0, 0, berlin)
		if wd := noon.Weekday(); day > 0 && (wd == time.Sunday || wd == time.Saturday && random.IntN(2) == 0) {
			continue
		}
		for s := range 2 + random.IntN(4) {
			all = append(all, sampleSession(random, noon.Add(time.Duration(random.IntN(5*60))*time.Minute), day, s)...)
		}
	}
	var cells []usage.Cell
	for _, c := range usage.Cells(all) {
		c.Band = c.Band.Common() // as a book without finer ones has it
		if n := len(cells); n > 0 && cells[n-1].Compare(&c) == 0 {
			cells[n-1] = cells[n-1].Add(c)
			continue
		}
		cells = append(cells, c)
	}
	return cells
}

var sampleProjects = []string{"/home/mira/src/web", "/home/mira/src/api", "/home/mira/src/infra", "/home/mira/old/api", ""}

func sampleSession(random *rand.Rand, at time.Time, day, n int) []usage.Record {
	m := pick(random)
	id := fmt.Sprintf("%08x-91aa-4c1e-b0%02x-%012x", random.Uint32(), n, day)
	project := sampleProjects[random.IntN(len(sampleProjects))]
	var records []usage.Record
	for range 10 + random.IntN(120) {
		if random.IntN(12) == 0 {
			if other := pick(random); other.source == m.source {
				m = other
			}
		}
		if at = at.Add(time.Duration(20+random.IntN(160)) * time.Second); at.After(sampleNow) {
			break
		}
		prompt := m.prompt/2 + random.IntN(m.prompt)
		t := usage.Tokens{Input: int64(float64(prompt) * m.input), CacheRead: int64(float64(prompt) * m.read),
			Output: int64(m.output/2 + random.IntN(m.output)), Reasoning: int64(m.think)}
		if rest := int64(prompt) - t.Input - t.CacheRead; m.source == "claude-code" {
			t.CacheWrite5m, t.CacheWrite1h = rest/2, rest-rest/2
		}
		records = append(records, usage.Record{Source: m.source, Model: m.name, Session: id, Project: project, Time: at, Tokens: t})
	}
	return records
}

func pick(random *rand.Rand) sampleModel {
	n := random.IntN(98)
	for _, m := range sampleModels {
		if n -= m.weight; n < 0 {
			return m
		}
	}
	return sampleModels[0]
}

func sampleReport(kind report.Kind, since string, by ...report.Field) *report.Report {
	return report.Build(sample(), prices, report.Options{Kind: kind, By: by, Zone: berlin, Since: since, Now: sampleNow})
}
