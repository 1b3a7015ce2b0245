package accept

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// Grace is how far a client's clock may be ahead at the turn of a day.
const Grace = 10 * time.Minute

// maxSeq leaves room above every clock, in microseconds, and is exact in every JSON library.
const maxSeq = 1 << 53

var (
	syncPattern    = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
	versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`)
	osPattern      = regexp.MustCompile(`^[a-z0-9]{1,32}$`)
)

// ValidSource reports whether s can be the id of a source. Any such id is taken, so that a new tool needs no new server.
func ValidSource(s string) bool { return validName(s, 32, "-") }

// validName reports whether s is at most so many of a-z, 0-9 and others, and begins with none of the others. A pattern takes ten
// times as long, for every row.
func validName(s string, most int, others string) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (i == 0 || strings.IndexByte(others, c) < 0) {
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
	known := keys{days: days}
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
	first map[uint64]int
	more  []int // whose hash is another's
}

var keySeed = maphash.MakeSeed()

// add returns the row before that has the key of row i.
func (k *keys) add(i int) (j int, twice bool) {
	key := k.days[i].Key
	if k.first == nil {
		k.first = make(map[uint64]int, len(k.days))
	}
	h := maphash.Comparable(keySeed, key)
	j, there := k.first[h]
	if !there {
		k.first[h] = i
		return 0, false
	}
	if k.days[j].Key == key {
		return j, true
	}
	for _, j := range k.more {
		if k.days[j].Key == key {
			return j, true
		}
	}
	k.more = append(k.more, i)
	return 0, false
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
	if u.SyncID != "" && !syncPattern.MatchString(u.SyncID) {
		f.add("/sync_id", "pattern", "must be a UUID")
	}
	if u.Client.Version != "" && !versionPattern.MatchString(u.Client.Version) {
		f.add("/client/version", "pattern", "must be a version")
	}
	if u.Client.OS != "" && !osPattern.MatchString(u.Client.OS) {
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
	day, err := time.Parse(time.DateOnly, named)
	switch {
	case err != nil || day.Format(time.DateOnly) != named:
		f.add(at.of("/day"), "pattern", "must be a date, YYYY-MM-DD")
	case named < wire.FirstDay || named > last:
		f.add(at.of("/day"), "range", "must be from "+wire.FirstDay+" to "+last)
	default:
		return named
	}
	return ""
}

func checkName(f *faults, at place, r *wire.Day) {
	if !ValidSource(r.Source) {
		f.add(at.of("/source"), "pattern", "must be 1 to 32 of a-z, 0-9 and dash")
	}
	if !validName(r.Model, 96, "._:/@+-") {
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
	if d.Tokens.Reasoning > d.Tokens.Output {
		f.add(at.of("/reasoning"), "range", "must not be above output, which it is a part of")
	}
	for _, l := range perRequest {
		if value, requests := l.of(&d.Tokens), d.Requests; requests > 0 && value/requests >= l.impossible && value > l.impossible*requests {
			f.add(at.of(""), "impossible", fmt.Sprintf("%s above %d", l.what, l.impossible))
		}
	}
}
