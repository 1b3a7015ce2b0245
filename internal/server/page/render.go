package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/server/kept"
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
	Picture     string // that links to the page unfold to; empty: there is none
	Private     bool   // for its reader's eyes: not to be indexed
	Passkeys    bool   // it asks for one
	Bare        bool   // says the same to everybody at every address, or must not be come back to: no theme form
	Body        any
}

// Renderer prints views. It is safe for concurrent use.
type Renderer struct {
	pages  map[string]*template.Template
	assets *assets
	rows   *kept.Values[rowOf, template.HTML]
}

// maxRows is how many rows of boards are kept as they are printed, twice, for rowsFor: 60 pages, 6 MB.
const (
	maxRows = 1_500
	rowsFor = 10 * time.Minute
)

// New parses the templates. Its error means that the binary is broken.
func New() (*Renderer, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	r := &Renderer{pages: make(map[string]*template.Template), assets: a, rows: kept.New[rowOf, template.HTML](maxRows, rowsFor, time.Now)}
	shared := []string{"templates/layout.html", "templates/parts.html"}
	base, err := template.New("").Funcs(funcs(a, r.line)).ParseFS(templates, shared...)
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

// Render adds the page of the view to b, or nothing if it fails.
func (r *Renderer) Render(b *bytes.Buffer, site Site, view View) error {
	s := view.sheet(site)
	begun := b.Len()
	err := r.pages[s.name].ExecuteTemplate(b, "layout", struct {
		Site Site
		sheet
	}{site, s})
	if err != nil {
		b.Truncate(begun)
		return fmt.Errorf("render %s: %w", s.name, err)
	}
	return nil
}

// line prints a row of a board, or finds it printed: most of a page's rows were on it when somebody looked before.
func (r *Renderer) line(o rowOf) (template.HTML, error) {
	if text, ok := r.rows.Get(o); ok {
		return text, nil
	}
	var b strings.Builder
	if err := r.pages["board"].ExecuteTemplate(&b, "line", o.row()); err != nil {
		return "", err
	}
	text := template.HTML(b.String()) // which the template has escaped
	r.rows.Put(o, text)
	return text, nil
}

// Static serves the files below PathStatic, which may be kept for ever since their names change with their content,
// and /favicon.ico.
func (r *Renderer) Static() http.Handler { return r.assets }

// HasStatic reports whether Static has a file at the address.
func (r *Renderer) HasStatic(path string) bool {
	_, ok := r.assets.at(path)
	return ok
}
