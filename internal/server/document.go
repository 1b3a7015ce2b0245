package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
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

// write answers with the document, or 304 if the client has it. A part of it is never answered, nor is any other condition looked at:
// what net/http says of those that cannot be met is no problem document.
func (d document) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", d.etag)
	if d.known(r) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", d.media)
	h.Set("Content-Length", strconv.Itoa(len(d.body)))
	if r.Method != http.MethodHead {
		w.Write(d.body) // an error here means that nobody is listening any more
	}
}

// known reports whether the client has the document. No comma is inside the ETag.
func (d document) known(r *http.Request) bool {
	for _, names := range r.Header.Values("If-None-Match") {
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.TrimPrefix(name, "W/") == d.etag {
				return true
			}
		}
	}
	return false
}

// writeJSON answers 200 with v.
func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(body, '\n')) // an error here means that nobody is listening any more
	return nil
}
