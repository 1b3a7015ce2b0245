package server

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/wire"
)

// show answers 200 with a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, view page.View) error {
	s.render(w, r, http.StatusOK, view)
	return nil
}

// pagesPrinted are where pages are printed before they are sent.
var pagesPrinted = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render answers with a page. If a page cannot be printed, a plain line takes its place.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, view page.View) {
	b := pagesPrinted.Get().(*bytes.Buffer)
	defer pagesPrinted.Put(b)
	b.Reset()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := s.page.Render(b, s.site(r), view); err != nil {
		s.Log.Error("render", "request", about(r).id, "error", err.Error())
		status = http.StatusInternalServerError
		b.WriteString("internal error\n")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	if status == http.StatusOK && r.Method != http.MethodPost && w.Header().Get("Cache-Control") != "no-store" {
		newDocument("text/html; charset=utf-8", b.Bytes()).write(w, r)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	w.Write(b.Bytes()) // an error here means that nobody is listening any more
}

// site is what every page shows. A store that fails makes a stranger of the reader: the page may be about that very failure.
func (s *Server) site(r *http.Request) page.Site {
	who, err := s.session(r)
	if err != nil {
		s.Log.Error("session", "request", about(r).id, "error", err.Error())
	}
	site := page.Site{Origin: s.Site, Handle: who.Handle, Theme: s.theme(r), PriceBook: s.Prices.Date(), Now: s.Now().UTC()}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasPrefix(r.URL.Path, page.PathSignInLink) {
		site.Path = r.URL.RequestURI()
	}
	return site
}

func (s *Server) theme(r *http.Request) page.Theme {
	c, err := r.Cookie(page.ThemeCookie)
	if err != nil {
		return page.Auto
	}
	return page.ParseTheme(c.Value)
}

// setTheme keeps the reader's choice of colours in a cookie.
func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	theme := page.ParseTheme(r.PostForm.Get("theme"))
	c := &http.Cookie{Name: page.ThemeCookie, Value: string(theme), Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if theme == page.Auto {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	return &redirect{localPath(r.PostForm.Get("to"))}
}

// localPath returns the path if it stays on this site, else the board.
func localPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return page.PathBoard
	}
	return to
}

// readForm reads a browser's form.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &refusal{code: wire.Malformed, detail: "the form cannot be read"}
	}
	return nil
}

func (s *Server) connectPage(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, page.Connect{})
}

// problemPage explains a problem code.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request) error {
	code := wire.Code(r.PathValue("code"))
	if _, known := problems[code]; !known {
		return &refusal{code: wire.NotFound}
	}
	return s.show(w, r, page.Problem{Code: code})
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	if !s.page.HasStatic(r.URL.Path) {
		about(r).kind = browser // and is told so by a page
		return &refusal{code: wire.NotFound}
	}
	s.page.Static().ServeHTTP(w, r)
	return nil
}
