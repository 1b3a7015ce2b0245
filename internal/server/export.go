package server

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// exportFormat is the version of the form that exports have.
const exportFormat = 1

// exportPatience is how long one part of an export may take on its way.
const exportPatience = 30 * time.Second

// getExport answers with everything that is the account's.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = needScope(who, wire.ScopeAccount)
	}
	if err != nil {
		return err
	}
	return s.export(w, r, who)
}

// exportPage is the same for a browser.
func (s *Server) exportPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.signedIn(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.export(w, r, who)
}

// exporter writes rows in one of the forms.
type exporter interface {
	row(table string, row json.RawMessage) error
	end() error
}

func (s *Server) export(w http.ResponseWriter, r *http.Request, who store.Actor) error {
	form := r.URL.Query().Get("format")
	if r.URL.Query().Has("format") && form != "json" && form != "csv" {
		return wrong("format", "is json or csv")
	}
	if err := s.take(w, r, s.Limits.Export, fmt.Sprint(who.User)); err != nil {
		return err
	}
	var to exporter
	out := bufio.NewWriterSize(&slow{w, http.NewResponseController(w)}, 32<<10)
	h := w.Header()
	if form == "csv" {
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="tokenflexing.zip"`)
		to = &zipExport{zip: zip.NewWriter(out), at: s.Now().UTC()}
	} else {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", `attachment; filename="tokenflexing.json"`)
		to = newJSONExport(out, who, s.Now())
	}
	err := s.Store.Export(r.Context(), who, to.row)
	if err == nil {
		err = to.end()
	}
	if err != nil {
		h.Del("Content-Disposition")
		return err // what was sent so far is no whole document, and shows it
	}
	return out.Flush()
}

// WriteExport writes everything that is the account's as JSON.
func WriteExport(ctx context.Context, from store.Store, who store.Actor, out io.Writer, at time.Time) error {
	to := newJSONExport(out, who, at)
	if err := from.Export(ctx, who, to.row); err != nil {
		return err
	}
	return to.end()
}

func newJSONExport(out io.Writer, who store.Actor, at time.Time) *jsonExport {
	return &jsonExport{out: out, head: fmt.Sprintf(`{"format":%d,"exported_at":%q,"handle":%q,"tables":{`, exportFormat, stamp(at), who.Handle)}
}

// slow gives every write its own time: an export may take long, but not stand still.
type slow struct {
	io.Writer
	control *http.ResponseController
}

func (w *slow) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(exportPatience)) // where there is no connection there is no deadline
	return w.Writer.Write(p)
}

// jsonExport is one object: a list of rows for each table.
type jsonExport struct {
	out   io.Writer
	head  string
	table string
}

func (e *jsonExport) row(table string, row json.RawMessage) error {
	before := ","
	switch {
	case e.table == "":
		before = fmt.Sprintf("%s%q:[", e.head, table)
	case e.table != table:
		before = fmt.Sprintf("],%q:[", table)
	}
	e.table = table
	_, err := fmt.Fprint(e.out, before, "\n", string(row))
	return err
}

func (e *jsonExport) end() error {
	if e.table == "" { // not even the account's own row: it was erased meanwhile
		return store.ErrNotFound
	}
	_, err := fmt.Fprint(e.out, "]}}\n")
	return err
}

// zipExport is a CSV file for each table.
type zipExport struct {
	zip     *zip.Writer
	at      time.Time
	csv     *csv.Writer
	table   string
	columns []string
}

func (e *zipExport) row(table string, row json.RawMessage) error {
	var cells map[string]any
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber()
	if err := d.Decode(&cells); err != nil {
		return err
	}
	if table != e.table {
		if err := e.next(table, cells); err != nil {
			return err
		}
	}
	line := make([]string, len(e.columns))
	for i, c := range e.columns {
		line[i] = cell(cells[c])
	}
	return e.csv.Write(line)
}

func (e *zipExport) next(table string, cells map[string]any) error {
	if err := e.flush(); err != nil {
		return err
	}
	file, err := e.zip.CreateHeader(&zip.FileHeader{Name: table + ".csv", Method: zip.Deflate, Modified: e.at})
	if err != nil {
		return err
	}
	e.table, e.columns, e.csv = table, slices.Sorted(maps.Keys(cells)), csv.NewWriter(file)
	return e.csv.Write(e.columns)
}

func (e *zipExport) flush() error {
	if e.csv == nil {
		return nil
	}
	e.csv.Flush()
	return e.csv.Error()
}

func (e *zipExport) end() error {
	if e.table == "" {
		return store.ErrNotFound
	}
	if err := e.flush(); err != nil {
		return err
	}
	return e.zip.Close()
}

// cell is a value as a spreadsheet may have it: one that would be taken for a formula gets a quote before it.
func cell(v any) string {
	if v == nil {
		return ""
	}
	text := fmt.Sprint(v)
	if _, number := v.(json.Number); !number && text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// deleteMe erases the account.
func (s *Server) deleteMe(w http.ResponseWriter, r *http.Request) error {
	who, err := s.owner(w, r)
	if err == nil {
		err = s.needFresh(who)
	}
	if err != nil {
		return err
	}
	var ask wire.Erase
	if err := readJSON(w, r, &ask); err != nil {
		return err
	}
	if ask.Confirm != who.Handle {
		return wrong("confirm", "is the account's own handle")
	}
	if err := s.erase(r, who); err != nil {
		return err
	}
	s.endSession(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// eraseAccount is the same from a browser's form.
func (s *Server) eraseAccount(w http.ResponseWriter, r *http.Request) error {
	who, err := s.fresh(r, page.PathSettings+"#data")
	if err == nil {
		err = readForm(w, r)
	}
	if err != nil {
		return err
	}
	if r.PostForm.Get("confirm") != who.Handle {
		return &redirect{page.PathSettings + "?wrong=confirm#data"}
	}
	if err := s.erase(r, who); err != nil {
		return err
	}
	s.endSession(w)
	r.Header.Del("Cookie") // the page is already a stranger's
	return s.show(w, r, page.Erased{})
}

func (s *Server) erase(r *http.Request, who store.Actor) error {
	if err := s.Store.Erase(r.Context(), who, who.Handle, s.Now()); err != nil {
		return err
	}
	about(r).actor = ""
	if err := s.keepJournal(r.Context()); err != nil {
		s.Log.Error("erasure journal", "request", about(r).id, "error", err.Error()) // done again by KeepHouse
	}
	return nil
}
