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
	Cost(k usage.Key, t usage.Tokens) (usage.Pico, bool)
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

// wholeDays are the pieces of reports that no label splits a day in.
func wholeDays(days []usage.Day) []piece {
	pieces := make([]piece, len(days))
	for i, d := range days {
		pieces[i] = piece{key: d.Key, sums: SumOf(d)}
	}
	return pieces
}

// cellPieces are the pieces of finer reports. Each day's cost is shared out to its cells in proportion to their exact costs,
// so that every grouping of them adds up to the day again.
func cellPieces(cells []usage.Cell, days []usage.Day, prices Prices, zone *time.Location) []piece {
	pieces := make([]piece, len(cells))
	of := make(map[usage.Key][]int, len(days))
	for i, c := range cells {
		k := c.Key(zone)
		pieces[i] = piece{key: k, start: c.Start, session: c.Session, project: c.Project, first: c.First, last: c.Last,
			sums: Sums{Requests: c.Requests, Tokens: c.Tokens}}
		of[k] = append(of[k], i)
	}
	for _, d := range days {
		share(d, of[d.Key], pieces, prices)
	}
	return pieces
}

func share(d usage.Day, cells []int, pieces []piece, prices Prices) {
	costs := make([]usage.Pico, len(cells))
	for n, i := range cells {
		if !d.Priced {
			pieces[i].sums.Unpriced = pieces[i].sums.Tokens.Total()
			continue
		}
		costs[n], _ = prices.Cost(d.Key, pieces[i].sums.Tokens)
	}
	if !d.Priced {
		return
	}
	for n, cost := range d.Cost.Split(costs) {
		pieces[cells[n]].sums.Cost = cost
	}
}

// splitsDays reports whether a label tells parts of one usage.Day apart.
func splitsDays(kind Kind, labels []Field) bool {
	return kind == Hourly || slices.Contains(labels, Session) || slices.Contains(labels, Project)
}
