package accept

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"time"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// Grace is how far a client's clock may be ahead at the turn of a day.
const Grace = 10 * time.Minute

// maxSeq leaves room above every clock, in microseconds, and is exact in every JSON library.
const maxSeq = 1 << 53

// ValidSource reports whether s can be the id of a source. Any such id is taken, so that a new tool needs no new server.
func ValidSource(s string) bool { return validName(s, 32, lower, dash) }

// What a byte can be in a name. A pattern takes ten times as long, for every row.
const (
	lower    byte = 1 << iota // a-z, 0-9
	upper                     // A-Z
	dash                      // -
	ofModels                  // ._:/@+-
	ofOthers                  // .+_-
)

var bytesOf = func() (of [256]byte) {
	for kind, all := range map[byte]string{lower: "abcdefghijklmnopqrstuvwxyz0123456789", upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", dash: "-", ofModels: "._:/@+-", ofOthers: ".+_-"} {
		for _, c := range []byte(all) {
			of[c] |= kind
		}
	}
	return of
}()

// validName reports whether s is at most so many bytes, of which the first is of one of the kinds first, and the others of these or of rest.
func validName(s string, most int, first, rest byte) bool {
	if s == "" || len(s) > most || bytesOf[s[0]]&first == 0 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if bytesOf[s[i]]&(first|rest) == 0 {
			return false
		}
	}
	return true
}

// Days returns the upload's rows as days without a cost, or *ErrInvalid naming every wrong value.
// An absent tier is standard. now is the server's clock.
func Days(u wire.Usage, now time.Time) ([]usage.Day, error) {
	var f faults
	checkEnvelope(&f, u)
	last := now.Add(Grace).UTC().Format(time.DateOnly)
	days := make([]usage.Day, len(u.Rows))
	known := newKeys(days)
	checked := "" // the day of the row before, if it is one
	for i := range u.Rows {
		r, at := &u.Rows[i], place(i)
		days[i] = dayOf(r)
		if checked == "" || r.Day != checked {
			checked = checkDay(&f, at, r.Day, last)
		}
		checkName(&f, at, r)
		checkCounts(&f, at, &days[i])
		if j, twice := known.add(i); twice {
			f.add(at.of(""), "duplicate", fmt.Sprintf("has the same day, source, model, band and tier as /rows/%d", j))
		}
	}
	return days, f.err()
}

// keys finds rows that say the same twice. It looks them up by a hash, since keys are large.
type keys struct {
	days  []usage.Day
	slots []int32 // from 1 on, where the hash says or behind it; at most half of them are taken
}

var keySeed = maphash.MakeSeed()

func newKeys(days []usage.Day) keys {
	return keys{days: days, slots: make([]int32, 2<<bits.Len(uint(len(days))))}
}

// add returns the row before that has the key of row i.
func (k *keys) add(i int) (j int, twice bool) {
	key, last := &k.days[i].Key, uint64(len(k.slots)-1)
	for at := maphash.Comparable(keySeed, *key) & last; ; at = (at + 1) & last {
		j := int(k.slots[at]) - 1
		if j < 0 {
			k.slots[at] = int32(i) + 1
			return 0, false
		}
		if k.days[j].Key == *key {
			return j, true
		}
	}
}

// place is a row of the upload.
type place int

// of is the pointer to a member of the row, or with an empty name to the row.
func (p place) of(member string) string { return fmt.Sprintf("/rows/%d%s", int(p), member) }

func dayOf(r *wire.Day) usage.Day {
	tier := usage.Tier(r.Tier)
	if tier == "" {
		tier = usage.Standard
	}
	return usage.Day{
		Key:      usage.Key{Date: r.Day, Source: r.Source, Model: r.Model, Band: usage.Band(r.Band), Tier: tier},
		Requests: r.Requests,
		Tokens: usage.Tokens{Input: r.Input, CacheRead: r.CacheRead, CacheWrite5m: r.CacheWrite5m, CacheWrite1h: r.CacheWrite1h,
			Output: r.Output, Reasoning: r.Reasoning},
	}
}

func checkEnvelope(f *faults, u wire.Usage) {
	if u.V != 1 {
		f.add("/v", "range", "must be 1")
	}
	if u.Seq <= 0 || u.Seq > maxSeq {
		f.add("/seq", "range", fmt.Sprintf("must be from 1 to %d", int64(maxSeq)))
	}
	if u.Mode != wire.Max && u.Mode != wire.Replace && u.Mode != "" {
		f.add("/mode", "unknown", "must be max or replace")
	}
	if u.SyncID != "" && !validName(u.SyncID, 64, lower|upper|dash, 0) {
		f.add("/sync_id", "pattern", "must be a UUID")
	}
	if u.Client.Version != "" && !validName(u.Client.Version, 64, lower|upper, ofOthers) {
		f.add("/client/version", "pattern", "must be a version")
	}
	if u.Client.OS != "" && !validName(u.Client.OS, 32, lower, 0) {
		f.add("/client/os", "pattern", "must be a short name in lower case")
	}
	for source, revision := range u.Parsers {
		if !ValidSource(source) || revision < 0 || revision > 1_000_000 {
			f.add("/parsers", "range", "must be small revisions by source")
			return
		}
	}
	if len(u.Rows) == 0 {
		f.add("/rows", "range", "must hold a row")
	}
}

// checkDay returns the day, or nothing if it is none that can be taken.
func checkDay(f *faults, at place, named, last string) string {
	switch {
	case !isDate(named):
		f.add(at.of("/day"), "pattern", "must be a date, YYYY-MM-DD")
	case named < wire.FirstDay || named > last:
		f.add(at.of("/day"), "range", "must be from "+wire.FirstDay+" to "+last)
	default:
		return named
	}
	return ""
}

// isDate reports whether s is a day of the calendar, YYYY-MM-DD.
func isDate(s string) bool {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return false
	}
	var digits [8]int
	for i, at := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if s[at] < '0' || s[at] > '9' {
			return false
		}
		digits[i] = int(s[at] - '0')
	}
	year, month, day := digits[0]*1000+digits[1]*100+digits[2]*10+digits[3], digits[4]*10+digits[5], digits[6]*10+digits[7]
	return 1 <= month && month <= 12 && 1 <= day && (day <= 28 || day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day())
}

func checkName(f *faults, at place, r *wire.Day) {
	if !ValidSource(r.Source) {
		f.add(at.of("/source"), "pattern", "must be 1 to 32 of a-z, 0-9 and dash")
	}
	if !validName(r.Model, 96, lower, ofModels) {
		f.add(at.of("/model"), "pattern", "must be 1 to 96 of a-z, 0-9 and ._:/@+-")
	}
	if !usage.Band(r.Band).Valid() {
		f.add(at.of("/band"), "unknown", "must be 0, 32000, 100000, 128000, 200000, 256000, 272000 or 512000")
	}
	if r.Tier != "" && !usage.Tier(r.Tier).Valid() {
		f.add(at.of("/tier"), "unknown", "must be standard, fast, priority, flex or batch")
	}
}

func checkCounts(f *faults, at place, d *usage.Day) {
	t := &d.Tokens
	if least := min(d.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning); least < 0 ||
		max(d.Requests, t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning) > wire.MaxCounter {
		checkEach(f, at, d)
	}
	if t.Reasoning > t.Output {
		f.add(at.of("/reasoning"), "range", "must not be above output, which it is a part of")
	}
	for i := range perRequest {
		l := &perRequest[i]
		if value, requests := l.of(t), d.Requests; value >= l.impossible && requests > 0 && value/requests >= l.impossible && value > l.impossible*requests {
			f.add(at.of(""), "impossible", fmt.Sprintf("%s above %d", l.what, l.impossible))
		}
	}
}

// checkEach says which counts cannot be.
func checkEach(f *faults, at place, d *usage.Day) {
	for _, c := range []struct {
		name  string
		count int64
	}{
		{"requests", d.Requests}, {"input", d.Tokens.Input}, {"cache_read", d.Tokens.CacheRead},
		{"cache_write_5m", d.Tokens.CacheWrite5m}, {"cache_write_1h", d.Tokens.CacheWrite1h},
		{"output", d.Tokens.Output}, {"reasoning", d.Tokens.Reasoning},
	} {
		if c.count < 0 || c.count > wire.MaxCounter {
			f.add(at.of("/"+c.name), "range", fmt.Sprintf("must be from 0 to %d", int64(wire.MaxCounter)))
		}
	}
}
