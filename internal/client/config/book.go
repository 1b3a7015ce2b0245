package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// Book is the answer of a site that holds its price book, as it came, with what it takes to check it again.
type Book struct {
	Site      string    `json:"site"` // origin
	Key       string    `json:"key"`  // the site's public key, remembered from the first time
	Signature string    `json:"signature"`
	ETag      string    `json:"etag"`
	At        time.Time `json:"at"`
	Body      string    `json:"body"`
}

// Book returns the stored price book. It is false if there is none, or the file is damaged.
func (p Paths) Book() (Book, bool) {
	text, err := os.ReadFile(p.bookFile())
	if err != nil {
		return Book{}, false
	}
	var b Book
	if err := json.Unmarshal(text, &b); err != nil || b.Site == "" {
		return Book{}, false
	}
	return b, true
}

// SaveBook keeps a price book in place of the one before.
func (p Paths) SaveBook(b Book) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return writePrivate(p.bookFile(), append(text, '\n'))
}

func (p Paths) bookFile() string { return filepath.Join(p.State, "prices.json") }
