package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path"
	"strings"
)

//go:embed templates/*.html
var templates embed.FS

// View is what one page shows. The view structs of this package are the only ones.
type View interface {
	sheet(site Site) sheet
}

// sheet is a view made ready to print.
type sheet struct {
	name        string // of the template
	Title       string
	Description string
	Skip        string // words of the skip link; empty: Skip to the content
	Nav         string // the site's link that leads to this page
	JSON        string // address of the same in the API; empty: there is none
	Private     bool   // for its reader's eyes: not to be indexed
	Passkeys    bool   // it asks for one
	Bare        bool   // says the same to everybody at every address, or must not be come back to: no theme form
	Body        any
}

// Renderer prints views. It is safe for concurrent use.
type Renderer struct {
	pages  map[string]*template.Template
	assets *assets
}

// New parses the templates. Its error means that the binary is broken.
func New() (*Renderer, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	r := &Renderer{pages: make(map[string]*template.Template), assets: a}
	shared := []string{"templates/layout.html", "templates/parts.html"}
	base, err := template.New("").Funcs(funcs(a)).ParseFS(templates, shared...)
	if err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	for _, e := range entries {
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(templates, path.Join("templates", e.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", e.Name(), err)
		}
		r.pages[strings.TrimSuffix(e.Name(), ".html")] = t
	}
	return r, nil
}

// Render writes the page of the view. Nothing is written if it fails.
func (r *Renderer) Render(w io.Writer, site Site, view View) error {
	s := view.sheet(site)
	var b bytes.Buffer
	err := r.pages[s.name].ExecuteTemplate(&b, "layout", struct {
		Site Site
		sheet
	}{site, s})
	if err != nil {
		return fmt.Errorf("render %s: %w", s.name, err)
	}
	_, err = b.WriteTo(w)
	return err
}

// Static serves the files below PathStatic, which may be kept for ever since their names change with their content,
// and /favicon.ico.
func (r *Renderer) Static() http.Handler { return r.assets }
