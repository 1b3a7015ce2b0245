package accept

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Printer returns what tells one device's rows of a cell from another's: a digest, by a key, of each model's uncached input,
// cache reads and output. Two devices that read one history get one print, also if they name its bands or tiers otherwise.
func Printer(key []byte) store.Print {
	macs := sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	return func(rows []usage.Day) store.Hash {
		byModel := func(a, b usage.Day) int { return strings.Compare(a.Model, b.Model) }
		if !slices.IsSortedFunc(rows, byModel) {
			rows = slices.Clone(rows)
			slices.SortFunc(rows, byModel)
		}
		var print store.Hash
		var sum usage.Tokens
		var text []byte
		for i := 0; i < len(rows); {
			model, t := rows[i].Model, usage.Tokens{}
			for ; i < len(rows) && rows[i].Model == model; i++ {
				t = t.Add(rows[i].Tokens)
			}
			sum = sum.Add(t)
			for _, part := range [...]string{rows[0].Date, rows[0].Source, model} {
				text = append(append(text, part...), 0)
			}
			text = append(strconv.AppendInt(text, t.Input, 10), 0)
			text = append(strconv.AppendInt(text, t.CacheRead, 10), 0)
			text = append(strconv.AppendInt(text, t.Output, 10), '\n')
		}
		if sum.Input+sum.CacheRead+sum.Output > 0 {
			m := macs.Get().(hash.Hash)
			defer macs.Put(m)
			m.Reset()
			m.Write(text)
			m.Sum(print[:0])
		}
		return print
	}
}

// Tombstones parts the rows that say nothing was used from the others. The cells of those are in an upload that replaces
// nothing else than what is left of them.
func Tombstones(days []usage.Day) (kept []usage.Day, gone []store.Cell) {
	nothing := func(d usage.Day) bool { return d.Tokens.IsZero() && d.Requests == 0 }
	if !slices.ContainsFunc(days, nothing) {
		return days, nil
	}
	for _, d := range days {
		if nothing(d) {
			gone = append(gone, store.Cell{Day: d.Date, Source: d.Source})
			continue
		}
		kept = append(kept, d)
	}
	return kept, gone
}
