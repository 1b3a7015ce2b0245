package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// document is an answer with the name of its content.
type document struct {
	media string
	body  []byte
	etag  string
}

func newDocument(media string, body []byte) document {
	sum := sha256.Sum256(body)
	return document{media, body, `"` + hex.EncodeToString(sum[:]) + `"`}
}

func jsonDocument(v any) (document, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return document{}, err
	}
	return newDocument("application/json", append(body, '\n')), nil
}

// write answers with the document, or 304 if the client has it.
func (d document) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", d.media)
	h.Set("ETag", d.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// writeJSON answers 200 with v.
func writeJSON(w http.ResponseWriter, v any) error {
	d, err := jsonDocument(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", d.media)
	w.Write(d.body) // an error here means that nobody is listening any more
	return nil
}
