package config

import (
	"encoding/json"
	"errors"
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

// Book returns the stored price book, an error that is fs.ErrNotExist if there is none, and another if the file cannot be
// read or is damaged.
func (p Paths) Book() (Book, error) {
	text, err := os.ReadFile(p.bookFile())
	if err != nil {
		return Book{}, err
	}
	var b Book
	if err := json.Unmarshal(text, &b); err != nil || b.Site == "" {
		return Book{}, errors.New("the file is damaged")
	}
	return b, nil
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
