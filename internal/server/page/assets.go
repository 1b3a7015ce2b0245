package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var static embed.FS

// assets are the embedded files by their addresses.
type assets struct {
	paths map[string]string // file name to address
	files map[string]asset  // address to file
}

type asset struct {
	name string
	body []byte
}

// loadAssets names every file after its content: PathStatic, hash, name. The stylesheet comes last, since the address
// of the font is written into it.
func loadAssets() (*assets, error) {
	a := &assets{paths: make(map[string]string), files: make(map[string]asset)}
	entries, err := static.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("list the static files: %w", err)
	}
	var style []byte
	for _, e := range entries {
		body, err := static.ReadFile(path.Join("static", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read a static file: %w", err)
		}
		if e.Name() == styleSheet {
			style = body
			continue
		}
		a.add(e.Name(), body)
	}
	a.add(styleSheet, bytes.Replace(style, []byte("url("+font+")"), []byte("url("+a.paths[font]+")"), 1))
	return a, nil
}

// The files that know of each other.
const (
	styleSheet = "style.css"
	font       = "martian-mono.woff2"
)

func (a *assets) add(name string, body []byte) {
	hash := sha256.Sum256(body)
	at := PathStatic + hex.EncodeToString(hash[:8]) + "/" + name
	a.paths[name] = at
	a.files[at] = asset{name, body}
}

// path returns the address of a file, for the templates.
func (a *assets) path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return p, nil
}

// at returns the file of an address.
func (a *assets) at(address string) (asset, bool) {
	if address == "/favicon.ico" {
		address = a.paths["favicon.svg"]
	}
	f, ok := a.files[address]
	return f, ok
}

// ServeHTTP answers GET and HEAD for the addresses in a.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.at(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaTypes[path.Ext(f.name)])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Length", strconv.Itoa(len(f.body)))
	if r.Method != http.MethodHead {
		w.Write(f.body) // an error here means that nobody is listening any more
	}
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}
