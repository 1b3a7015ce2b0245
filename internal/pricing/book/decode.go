package book

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	// MaxSize is the largest book in bytes that Decode reads.
	MaxSize = 4 << 20
	// Version is the version of the format that Decode reads and Encode writes.
	Version = "1"
	none    = "-" // where a line has no rate of a kind
)

// Decode reads a book and checks it (see Check). An error names the line, or the entry, that it is about.
func Decode(data []byte) (Book, error) {
	if len(data) > MaxSize {
		return Book{}, fmt.Errorf("price book: %d bytes, at most %d", len(data), MaxSize)
	}
	var d decoder
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if err := d.line(line); err != nil {
			return Book{}, fmt.Errorf("price book: line %d: %w", n, err)
		}
	}
	if !d.begun {
		return Book{}, errors.New("price book: empty")
	}
	if err := d.book.Check(); err != nil {
		return Book{}, fmt.Errorf("price book: %w", err)
	}
	return d.book, nil
}

// decoder collects the lines of a book.
type decoder struct {
	book  Book
	begun bool
	words []string // of the present line
}

var errWords = errors.New("too few or too many words")

func (d *decoder) line(line string) error {
	if i := strings.IndexByte(line, '#'); i == 0 || i > 0 && line[i-1] == ' ' {
		line = line[:i]
	}
	d.words = d.words[:0]
	for w := range strings.FieldsSeq(line) {
		d.words = append(d.words, w)
	}
	if len(d.words) == 0 {
		return nil
	}
	key := d.words[0]
	d.words = d.words[1:]
	if !d.begun {
		d.begun = true
		if key != "prices" || len(d.words) != 1 || d.words[0] != Version {
			return errors.New("does not begin with \"prices " + Version + "\"")
		}
		return nil
	}
	for _, k := range keys {
		if k.word == key {
			if len(d.words) < k.least || len(d.words) > k.most {
				return fmt.Errorf("%s: %w", key, errWords)
			}
			return k.read(d)
		}
	}
	return fmt.Errorf("%q is no kind of line", key)
}

const many = 1 << 10

var keys = [...]struct {
	word        string
	least, most int // words behind the first
	read        func(*decoder) error
}{
	{"rate", 7, 7, (*decoder).rate},
	{"from", 4, many, (*decoder).from},
	{"also", 1, many, (*decoder).also},
	{"model", 3, 3, (*decoder).model},
	{"form", 1, 3, (*decoder).form},
	{"moved", 3, 3, (*decoder).moved},
	{"unpriced", 2, many, (*decoder).unpriced},
	{"date", 1, 1, (*decoder).date},
}

func (d *decoder) date() error {
	if d.book.Date != "" {
		return errors.New("a second date")
	}
	d.book.Date = d.words[0]
	return nil
}

func (d *decoder) form() error {
	s := Spelling{Form: d.words[0]}
	for _, w := range d.words[1:] {
		name, value, _ := strings.Cut(w, "=")
		switch {
		case value == "":
			return fmt.Errorf("form: %q has no value", w)
		case name == "of":
			s.Of = strings.Split(value, ",")
		case name == "tier":
			s.Tier = value
		default:
			return fmt.Errorf("form: %q is neither of= nor tier=", w)
		}
	}
	d.book.Spellings = append(d.book.Spellings, s)
	return nil
}

func (d *decoder) moved() error {
	d.book.Moved = append(d.book.Moved, Moved{Name: d.words[0], From: d.words[1], Model: d.words[2]})
	return nil
}

func (d *decoder) unpriced() error {
	d.book.Unpriced = append(d.book.Unpriced, Unpriced{Name: d.words[0], Reason: strings.Join(d.words[1:], " ")})
	return nil
}

func (d *decoder) model() error {
	d.book.Models = append(d.book.Models, Model{ID: d.words[0], Provider: d.words[1], Family: d.words[2]})
	return nil
}

var (
	errNoModel = errors.New("no model before it")
	errNoPrice = errors.New("no price before it")
)

func (d *decoder) lastModel() *Model {
	if len(d.book.Models) == 0 {
		return nil
	}
	return &d.book.Models[len(d.book.Models)-1]
}

func (d *decoder) also() error {
	m := d.lastModel()
	if m == nil {
		return errNoModel
	}
	m.Aliases = append(m.Aliases, d.words...)
	return nil
}

func (d *decoder) from() error {
	m := d.lastModel()
	if m == nil {
		return errNoModel
	}
	if d.words[1] != "checked" {
		return errors.New("from: must be DAY checked DAY SOURCE")
	}
	m.Prices = append(m.Prices, Price{From: d.words[0], Checked: d.words[2], Source: strings.Join(d.words[3:], " ")})
	return nil
}

func (d *decoder) rate() error {
	m := d.lastModel()
	if m == nil || len(m.Prices) == 0 {
		return errNoPrice
	}
	band, err := strconv.ParseInt(d.words[0], 10, 64)
	if err != nil {
		return fmt.Errorf("rate: band %q is no number of tokens", d.words[0])
	}
	r := Rates{Band: band, Tier: d.words[1]}
	for i, to := range [...]*string{&r.Input, &r.CacheRead, &r.CacheWrite5m, &r.CacheWrite1h, &r.Output} {
		if w := d.words[2+i]; w != none {
			*to = w
		}
	}
	p := &m.Prices[len(m.Prices)-1]
	p.Rates = append(p.Rates, r)
	return nil
}
