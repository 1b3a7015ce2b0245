package report

import (
	"slices"
	"sync"
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

// pieces calls yield with one after another, of those that wanted is true of; nil wants all. They are not the caller's to keep.
type pieces = func(wanted func(key *usage.Key, session string) bool, yield func(*piece))

// wholeDays are the pieces of reports that no label splits a day in.
func wholeDays(days []usage.Day) pieces {
	return func(wanted func(*usage.Key, string) bool, yield func(*piece)) {
		var p piece
		for i := range days {
			if wanted != nil && !wanted(&days[i].Key, "") {
				continue
			}
			p = piece{key: days[i].Key, sums: SumOf(days[i])}
			yield(&p)
		}
	}
}

// cellPieces are the pieces of finer reports. Each day's cost is shared out to its cells in proportion to their exact costs,
// so that every grouping of them adds up to the day again.
func cellPieces(cells []usage.Cell, days []usage.Day, of []int32, prices Prices) pieces {
	costs := make([]usage.Money, len(cells))
	in := cellsOf(of, len(days))
	half := len(days) / 2
	var other sync.WaitGroup
	other.Go(func() { splitCosts(days[half:], in[half:], cells, costs, prices) })
	splitCosts(days[:half], in[:half], cells, costs, prices)
	other.Wait()
	return func(wanted func(*usage.Key, string) bool, yield func(*piece)) {
		var p piece
		for i := range cells {
			c, d := &cells[i], &days[of[i]]
			if wanted != nil && !wanted(&d.Key, c.Session) {
				continue
			}
			p = piece{key: d.Key, start: c.Start, session: c.Session, project: c.Project, first: c.First, last: c.Last,
				sums: Sums{Requests: c.Requests, Tokens: c.Tokens, Cost: costs[i]}}
			if !d.Priced {
				p.sums.Unpriced = c.Tokens.Total()
			}
			yield(&p)
		}
	}
}

// cellsOf turns the places of the cells' days round.
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

// splitCosts sets the costs of the cells of some days, whose places are in the same order.
func splitCosts(days []usage.Day, in [][]int32, cells []usage.Cell, costs []usage.Money, prices Prices) {
	var exact []usage.Pico
	for i := range days {
		d := &days[i]
		if !d.Priced {
			continue
		}
		exact = exact[:0]
		cost, known := prices.Rate(d.Key)
		for _, place := range in[i] {
			var of usage.Pico
			if known {
				of = cost(cells[place].Tokens)
			}
			exact = append(exact, of)
		}
		for n, share := range d.Cost.Split(exact) {
			costs[in[i][n]] = share
		}
	}
}

// splitsDays reports whether a label tells parts of one usage.Day apart.
func splitsDays(kind Kind, labels []Field) bool {
	return kind == Hourly || kind == InBlocks || slices.Contains(labels, Session) || slices.Contains(labels, Project)
}
