package samplehome

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// BulkOptions say how large a home is. The same options write the same bytes.
type BulkOptions struct {
	Seed  uint64
	Until time.Time // the last record is not later than this
	Files int       // one for every session
	Bytes int64     // all files together, within a few percent
}

// Bulk is what WriteBulk left.
type Bulk struct {
	Files  int
	Bytes  int64
	Tokens map[string]usage.Tokens // by source
}

// WriteBulk fills dir, which is created, with what heavy use leaves in half a year: most bytes are tool results, embedded
// images and long answers, and sessions' sizes differ a hundredfold. It keeps no more than one session in memory.
func WriteBulk(dir string, o BulkOptions) (Bulk, error) {
	made := Bulk{Tokens: make(map[string]usage.Tokens)}
	random := rand.New(rand.NewPCG(o.Seed, 2))
	w := &writer{dir: dir, until: o.Until.UTC(), rand: random, files: make(map[string]*strings.Builder), bulk: newBulk(random, made.Tokens)}
	for n := range o.Files {
		w.bulk.size = sessionSize(random, float64(o.Bytes-made.Bytes)/float64(o.Files-n))
		at := w.until.Add(-time.Duration(30+random.IntN(180*24)) * time.Hour)
		switch n % 20 {
		case 0:
			w.geminiSession(at)
		case 1, 2, 3, 4, 5, 6, 7:
			w.codexSession(at)
		default:
			w.claudeSession(at)
		}
		for _, b := range w.files {
			made.Files++
			made.Bytes += int64(b.Len())
		}
		if err := w.flush(); err != nil {
			return made, err
		}
	}
	return made, nil
}

// sessionSize draws the bytes of a session: half are below the middle one, and a few are many times as large as the mean.
func sessionSize(r *rand.Rand, mean float64) int {
	const spread = 1.2
	return int(min(mean*math.Exp(spread*r.NormFloat64()-spread*spread/2), 20*mean))
}

// bulk is the text of large homes: blocks that were made once and are strung together.
type bulk struct {
	size   int // bytes of the session at hand
	blocks []string
	image  string
	tokens map[string]usage.Tokens
}

// blockSize is about how many bytes one block has.
const blockSize = 512

func newBulk(r *rand.Rand, tokens map[string]usage.Tokens) *bulk {
	b := &bulk{tokens: tokens}
	words := []string{" the", " func", " return err", "\\n\\t", " \\\"usage\\\":", " {\\\"input_tokens\\\":9}", " déjà", " if x != nil {\\n", " src/main.go:12", " λ", " CANARY"}
	for range 128 {
		var text strings.Builder
		for text.Len() < blockSize {
			text.WriteString(words[r.IntN(len(words))])
		}
		b.blocks = append(b.blocks, text.String())
	}
	pixels := make([]byte, 512<<10)
	for i := range pixels {
		pixels[i] = byte(r.Uint32())
	}
	b.image = base64.StdEncoding.EncodeToString(pixels)
	return b
}

func (b *bulk) fills(file *strings.Builder) bool { return file == nil || file.Len() < b.size }

func (b *bulk) count(source string, t usage.Tokens) { b.tokens[source] = b.tokens[source].Add(t) }

// words strings blocks together to about as many bytes.
func (b *bulk) words(r *rand.Rand, size int) string {
	var text strings.Builder
	text.Grow(size + blockSize*2)
	text.WriteString("CANARY")
	for text.Len() < size {
		text.WriteString(b.blocks[r.IntN(len(b.blocks))])
	}
	return text.String()
}

// answer is what a model wrote: short, but for whole files now and then.
func (b *bulk) answer(r *rand.Rand) string {
	if r.IntN(40) == 0 {
		return b.words(r, 20_000+r.IntN(80_000))
	}
	return b.words(r, 200+r.IntN(1800))
}

// result is what a tool gave back.
func (b *bulk) result(r *rand.Rand) string {
	switch n := r.IntN(100); {
	case n < 70:
		return b.words(r, 200+r.IntN(3000))
	case n < 95:
		return b.words(r, 3000+r.IntN(20_000))
	}
	return b.words(r, 20_000+r.IntN(80_000))
}

// prompt is the content of a message to the model, as JSON.
func (w *writer) prompt() string {
	if w.bulk == nil {
		return `"` + w.text() + `"`
	}
	switch n := w.rand.IntN(100); {
	case n == 0:
		size := 100_000 + w.rand.IntN(len(w.bulk.image)-100_000)
		return fmt.Sprintf(`[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%s"}}]`, w.bulk.image[:size])
	case n < 80:
		return fmt.Sprintf(`[{"tool_use_id":"toolu_%s","type":"tool_result","content":"%s","is_error":false}]`, w.uuid(), w.bulk.result(w.rand))
	}
	return `"` + w.text() + `"`
}

// codexCall writes what a tool gave back to Codex; small homes have none.
func (w *writer) codexCall(file string, at time.Time) {
	if w.bulk == nil {
		return
	}
	w.line(file, `{"timestamp":%q,"type":"response_item","payload":{"type":"function_call_output","call_id":"call_%s","output":"%s"}}`,
		stamp(at), w.uuid(), w.bulk.result(w.rand))
}
