package accept

import (
	"crypto/sha256"
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
	sign := newSigner(key)
	drafts := sync.Pool{New: func() any { return new(draft) }}
	return func(rows []usage.Day) store.Hash {
		d := drafts.Get().(*draft)
		defer drafts.Put(d)
		if !d.write(rows) {
			return store.Hash{}
		}
		return sign.of(d.text)
	}
}

// draft is what is printed of a cell.
type draft struct {
	text  []byte  // behind room for a block, see signer
	order []int32 // of the rows, by model
}

// write writes the rows down. It reports whether they count anything.
func (d *draft) write(rows []usage.Day) bool {
	d.text, d.order = append(d.text[:0], emptyBlock[:]...), d.order[:0]
	for i := range rows {
		d.order = append(d.order, int32(i))
	}
	slices.SortFunc(d.order, func(a, b int32) int { return strings.Compare(rows[a].Model, rows[b].Model) })
	var sum usage.Tokens
	for i := 0; i < len(rows); {
		model, t := rows[d.order[i]].Model, usage.Tokens{}
		for ; i < len(rows) && rows[d.order[i]].Model == model; i++ {
			t = t.Add(rows[d.order[i]].Tokens)
		}
		sum = sum.Add(t)
		for _, part := range [...]string{rows[0].Date, rows[0].Source, model} {
			d.text = append(append(d.text, part...), 0)
		}
		d.text = append(strconv.AppendInt(d.text, t.Input, 10), 0)
		d.text = append(strconv.AppendInt(d.text, t.CacheRead, 10), 0)
		d.text = append(strconv.AppendInt(d.text, t.Output, 10), '\n')
	}
	return sum.Input+sum.CacheRead+sum.Output > 0
}

var emptyBlock [sha256.BlockSize]byte

// signer makes HMAC-SHA-256 of many short texts by one key, in a third of the time that crypto/hmac takes to begin anew each time.
type signer struct{ inner, outer [sha256.BlockSize]byte }

func newSigner(key []byte) *signer {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var s signer
	copy(s.inner[:], key)
	copy(s.outer[:], key)
	for i := range s.inner {
		s.inner[i] ^= 0x36
		s.outer[i] ^= 0x5c
	}
	return &s
}

// of signs what stands behind the first block of a text. It writes over that block.
func (s *signer) of(text []byte) store.Hash {
	copy(text, s.inner[:])
	sum := sha256.Sum256(text)
	var whole [sha256.BlockSize + sha256.Size]byte
	copy(whole[:], s.outer[:])
	copy(whole[sha256.BlockSize:], sum[:])
	return sha256.Sum256(whole[:])
}

// Tombstones parts the rows that say nothing was used from the others. The cells of those are in an upload that replaces
// nothing else than what is left of them.
func Tombstones(days []usage.Day) (kept []usage.Day, gone []store.Cell) {
	nothing := func(d *usage.Day) bool { return d.Tokens.IsZero() && d.Requests == 0 }
	first := 0
	for first < len(days) && !nothing(&days[first]) {
		first++
	}
	if first == len(days) {
		return days, nil
	}
	kept = append(kept, days[:first]...)
	for i := range days[first:] {
		if d := &days[first+i]; nothing(d) {
			gone = append(gone, store.Cell{Day: d.Date, Source: d.Source})
		} else {
			kept = append(kept, *d)
		}
	}
	return kept, gone
}
