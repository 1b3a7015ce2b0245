// Package report makes the rows of every report out of cells: filtered, priced, grouped, sorted and added up.
// It reads no disk and prints nothing. Whatever the grouping, the rows of a report add up to the same tokens and the same
// micro-dollars as its days: costs are rounded once a day and shared out from there.
package report
