package book

import "strings"

// Outline reads a book that Decode has accepted without what its models cost, which is most of it: Priced reads that, model by model.
func Outline(text string) (Book, error) {
	var d decoder
	at, begin := 0, 0 // of this line, and of the lines of the last model
	end := func() {
		if m := d.lastModel(); m != nil {
			m.Lines = text[begin:at]
		}
	}
	for line := range strings.Lines(text) {
		word := first(line)
		if word == "model" {
			end()
			begin = at + len(line)
		}
		if !prices(word) {
			if err := d.line(line); err != nil {
				return Book{}, err
			}
		}
		at += len(line)
	}
	end()
	return d.book, nil
}

// Priced is what the model of an Outline costs.
func (m Model) Priced() ([]Price, error) {
	d := decoder{begun: true, book: Book{Models: make([]Model, 1)}}
	for line := range strings.Lines(m.Lines) {
		if !prices(first(line)) {
			continue
		}
		if err := d.line(line); err != nil {
			return nil, err
		}
	}
	return d.book.Models[0].Prices, nil
}

// prices reports whether a line that begins with a word says what a model costs.
func prices(word string) bool { return word == "from" || word == "rate" }

// first is the first word of a line.
func first(line string) string {
	for word := range strings.FieldsSeq(line) {
		return word
	}
	return ""
}
