package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Prices is the price book, as far as reports need it.
type Prices interface {
	Price(days []usage.Day) []pricing.Unpriced
	Rate(k usage.Key) (cost func(usage.Tokens) usage.Pico, known bool) // what tokens cost under a key, exactly
	Date() string
}

// piece is a part of a day that is never told apart further: the whole of one usage.Day, or one cell of it.
type piece struct {
	key              usage.Key
	start            time.Time // of the cell; zero for a whole day
	session, project string
	sums             Sums
	first, last      time.Time
}

// pieces calls yield with one after another. They are not the caller's to keep.
type pieces = func(yield func(*piece))

// wholeDays are the pieces of reports that no label splits a day in.
func wholeDays(days []usage.Day) pieces {
	return func(yield func(*piece)) {
		var p piece
		for i := range days {
			p = piece{key: days[i].Key, sums: SumOf(days[i])}
			yield(&p)
		}
	}
}

// cellPieces are the pieces of finer reports. Each day's cost is shared out to its cells in proportion to their exact costs,
// so that every grouping of them adds up to the day again.
func cellPieces(cells []usage.Cell, days []usage.Day, prices Prices, zone *time.Location) pieces {
	of := daysOf(cells, days, zone)
	costs := make([]usage.Money, len(cells))
	var exact []usage.Pico
	for day, in := range cellsOf(of, len(days)) {
		exact = splitCost(&days[day], in, cells, costs, prices, exact[:0])
	}
	return func(yield func(*piece)) {
		var p piece
		for i := range cells {
			c, d := &cells[i], &days[of[i]]
			p = piece{key: d.Key, start: c.Start, session: c.Session, project: c.Project, first: c.First, last: c.Last,
				sums: Sums{Requests: c.Requests, Tokens: c.Tokens, Cost: costs[i]}}
			if !d.Priced {
				p.sums.Unpriced = c.Tokens.Total()
			}
			yield(&p)
		}
	}
}

// daysOf are the places in days of those that the cells belong to.
func daysOf(cells []usage.Cell, days []usage.Day, zone *time.Location) []int32 {
	places := make(map[usage.Key]int32, len(days))
	for i := range days {
		places[days[i].Key] = int32(i)
	}
	calendar := usage.NewCalendar(zone)
	of := make([]int32, len(cells))
	var last usage.Key
	for i := range cells {
		k := calendar.Key(&cells[i])
		if i > 0 && k == last {
			of[i] = of[i-1]
			continue
		}
		of[i], last = places[k], k
	}
	return of
}

// cellsOf turns daysOf round.
func cellsOf(days []int32, n int) [][]int32 {
	counts := make([]int, n)
	for _, day := range days {
		counts[day]++
	}
	all, in := make([]int32, len(days)), make([][]int32, n)
	for day, count := range counts {
		in[day], all = all[:0:count], all[count:]
	}
	for i, day := range days {
		in[day] = append(in[day], int32(i))
	}
	return in
}

// splitCost sets the costs of the cells of one day. It returns the memory that it was given for exact costs, to be used again.
func splitCost(d *usage.Day, in []int32, cells []usage.Cell, costs []usage.Money, prices Prices, exact []usage.Pico) []usage.Pico {
	if !d.Priced {
		return exact
	}
	cost, known := prices.Rate(d.Key)
	for _, i := range in {
		var of usage.Pico
		if known {
			of = cost(cells[i].Tokens)
		}
		exact = append(exact, of)
	}
	for n, share := range d.Cost.Split(exact) {
		costs[in[n]] = share
	}
	return exact
}

// splitsDays reports whether a label tells parts of one usage.Day apart.
func splitsDays(kind Kind, labels []Field) bool {
	return kind == Hourly || slices.Contains(labels, Session) || slices.Contains(labels, Project)
}
