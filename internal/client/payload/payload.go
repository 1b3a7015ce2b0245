package payload

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// Other is the model name that is sent for every model the price book does not know, so that no private
// name (a fine-tune, a host, a path) ever leaves. A later sync, with a newer book, heals it.
const Other = "other"

// RowsPerRequest keeps a request of the longest rows below wire.MaxBody, and so below wire.MaxRows.
const RowsPerRequest = 2000

// publicModel is made when something is about to leave, not by every command.
var publicModel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9._:/@+-]{0,95}$`) })

// Rows returns what may leave of the days, which must be days of UTC. knows says which model names are public.
// The rows are sorted by day, source, model, band and tier.
func Rows(days []usage.Day, knows func(model string) bool) []wire.Day {
	sums := make(map[usage.Key]usage.Day, len(days))
	for _, d := range days {
		k := d.Key
		k.Model = publicName(k.Model, knows)
		sum := sums[k]
		sum.Requests += d.Requests
		sum.Tokens = sum.Tokens.Add(d.Tokens)
		sums[k] = sum
	}
	rows := make([]wire.Day, 0, len(sums))
	for k, d := range sums {
		rows = append(rows, row(k, d))
	}
	slices.SortFunc(rows, func(a, b wire.Day) int { return keyOf(a).Compare(keyOf(b)) })
	return rows
}

func publicName(model string, knows func(string) bool) string {
	name := strings.ToLower(model)
	if !knows(model) || !publicModel().MatchString(name) {
		return Other
	}
	return name
}

func row(k usage.Key, d usage.Day) wire.Day {
	return wire.Day{
		Day:          k.Date,
		Source:       k.Source,
		Model:        k.Model,
		Band:         int64(k.Band),
		Tier:         string(k.Tier),
		Requests:     d.Requests,
		Input:        d.Tokens.Input,
		CacheRead:    d.Tokens.CacheRead,
		CacheWrite5m: d.Tokens.CacheWrite5m,
		CacheWrite1h: d.Tokens.CacheWrite1h,
		Output:       d.Tokens.Output,
		Reasoning:    d.Tokens.Reasoning,
	}
}

func keyOf(r wire.Day) usage.Key {
	return usage.Key{Date: r.Day, Source: r.Source, Model: r.Model, Band: usage.Band(r.Band), Tier: usage.Tier(r.Tier)}
}

// Days returns the rows as days again: what the server will make of them, for pricing and comparison.
func Days(rows []wire.Day) []usage.Day {
	days := make([]usage.Day, len(rows))
	for i, r := range rows {
		days[i] = usage.Day{Key: keyOf(r), Requests: r.Requests, Tokens: usage.Tokens{
			Input: r.Input, CacheRead: r.CacheRead, CacheWrite5m: r.CacheWrite5m, CacheWrite1h: r.CacheWrite1h,
			Output: r.Output, Reasoning: r.Reasoning,
		}}
	}
	return days
}

// Envelope is what a request says beside its rows.
type Envelope struct {
	SyncID   string // a UUIDv7
	Seq      int64
	Mode     wire.Mode
	Client   wire.Client
	Parsers  map[string]int // revision by source id
	Sketches []wire.Sketch  // of these the ones of the rows' cells are sent
}

// Build returns the request for rows, of which there are no more than Fit says.
func Build(e Envelope, rows []wire.Day) wire.Usage {
	parsers, cells := make(map[string]int), make(map[cell]bool)
	for _, r := range rows {
		if revision, ok := e.Parsers[r.Source]; ok {
			parsers[r.Source] = revision
		}
		cells[cell{r.Day, r.Source}] = true
	}
	u := wire.Usage{V: 1, SyncID: e.SyncID, Seq: e.Seq, Mode: e.Mode, Client: e.Client, Parsers: parsers, Rows: rows}
	for _, s := range e.Sketches {
		if cells[cell{s.Day, s.Source}] {
			u.Sketches = append(u.Sketches, s)
		}
	}
	return u
}

// Fit returns how many of the rows, whose cells follow each other, one request takes: a sketch is as long as two rows.
func Fit(rows []wire.Day, sketches []wire.Sketch) int {
	sketched := make(map[cell]bool, len(sketches))
	for _, s := range sketches {
		sketched[cell{s.Day, s.Source}] = true
	}
	room := RowsPerRequest
	var last cell
	for i, r := range rows {
		room--
		if c := (cell{r.Day, r.Source}); c != last && sketched[c] {
			room -= 2
			last = c
		}
		if room < 0 {
			return i
		}
	}
	return len(rows)
}

// Encode returns the bytes of a request, ended by a newline. They are what is sent and what a dry run prints.
func Encode(u wire.Usage) []byte {
	b, err := json.Marshal(u)
	if err != nil {
		panic("payload: " + err.Error()) // strings, integers and slices of them always encode
	}
	return append(b, '\n')
}

// Name identifies a row among those of its device.
func Name(r wire.Day) string {
	k := keyOf(r)
	b, _ := json.Marshal([]any{k.Date, k.Source, k.Model, k.Band, k.Tier})
	return string(b)
}

// Digest tells two versions of a row, or of a list of rows, apart.
func Digest(rows ...wire.Day) string { return digest(rows) }

// DigestWith tells two versions of a list of rows with its sketches apart.
func DigestWith(rows []wire.Day, sketches []wire.Sketch) string { return digest([]any{rows, sketches}) }

func digest(of any) string {
	b, err := json.Marshal(of)
	if err != nil {
		panic("payload: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}
