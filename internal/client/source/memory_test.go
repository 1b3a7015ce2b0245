package source

import (
	"bytes"
	"cmp"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// memory is a File that is held in memory, as simple as a File can be.
type memory struct {
	path   string
	text   []byte
	faults []Fault
	torn   bool
	tables *memoryTables
	origin string
	later  time.Duration     // that the file was written than others
	others map[string][]byte // below the same root
}

func (m *memory) Path() string         { return m.path }
func (m *memory) Origin() string       { return m.origin }
func (m *memory) Zone() *time.Location { return time.UTC }
func (m *memory) Modified() time.Time {
	return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).Add(m.later)
}
func (m *memory) Bytes() []byte           { return bytes.TrimPrefix(m.text, []byte("\ufeff")) }
func (m *memory) Lines() iter.Seq[[]byte] { return m.lines }

func (m *memory) Beside(pattern string) iter.Seq[File] {
	return func(yield func(File) bool) {
		for _, name := range slices.Sorted(maps.Keys(m.others)) {
			if ok, _ := path.Match(pattern, name); ok && !yield(&memory{path: name, text: m.others[name]}) {
				return
			}
		}
	}
}

func (m *memory) Fault(f Fault) {
	if !m.torn || f != Malformed {
		m.faults = append(m.faults, f)
	}
}

func (m *memory) lines(yield func([]byte) bool) {
	text := m.Bytes()
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		m.torn = !ended
		text = rest
		if line = bytes.TrimSpace(line); len(line) > 0 && !yield(line) {
			return
		}
	}
}

// read lets the source read a text as the file of that name.
func read(s Source, name string, text []byte) (Part, *memory) {
	m := &memory{path: name, text: text}
	defer func() { m.tables.close() }()
	p := s.Read(m)
	p.Size = int64(len(text))
	return p, m
}

// names returns a name for every pattern of the source's files.
func names(s Source) []string {
	var all []string
	for _, p := range s.Places {
		for _, pattern := range slices.Concat(p.Files, p.Named) {
			all = append(all, strings.NewReplacer("**", "d/e", "*", "x").Replace(pattern))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// settle lets the source settle parts, and puts what it keeps in an order.
func settle(s Source, parts []Part) []Entry {
	kept := Distinct
	if s.Settle != nil {
		kept = s.Settle
	}
	entries := kept(parts)
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID), compare(a, b))
	})
	return entries
}

// readable lists the sources that are read.
func readable() []Source {
	return slices.DeleteFunc(All(), func(s Source) bool { return s.Read == nil })
}

// fixtures returns the files of all homes of a source, by case and by name. Packed ones are left out.
func fixtures(t testing.TB, id string) map[string]map[string][]byte {
	t.Helper()
	homes := make(map[string]map[string][]byte)
	root := filepath.Join("testdata", id)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(name, "home") || filepath.Ext(name) == ".zst" {
			return err
		}
		text, err := os.ReadFile(name)
		if rest, ok := strings.CutSuffix(name, asSQL); ok {
			name, text = rest, MakeDatabase(t, string(text))
		}
		below, _ := filepath.Rel(root, name)
		home, file, _ := strings.Cut(filepath.ToSlash(below), "/home/")
		if homes[home] == nil {
			homes[home] = make(map[string][]byte)
		}
		homes[home][file] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return homes
}
