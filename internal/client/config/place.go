package config

import (
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// place is where something is written in config.toml.
type place struct {
	table string // its dotted key
	n     int    // which of several with that key, from 0
	key   string // in the table; empty: the table itself
}

// Line is the line of config.toml that says the key of the nth of the tables that go by a dotted key, from 1. Without the key
// it is the line that the table begins in, and 0 if nothing of it is written.
func (p Paths) Line(table string, n int, key string) int {
	text, err := os.ReadFile(p.ConfigFile())
	if err != nil {
		return 0
	}
	return place{table, n, key}.line(text)
}

func (p place) line(text []byte) int {
	begins, said := 0, 0
	walk(text, func(at place, line int, _ *unstable.Node) bool {
		if at.table != p.table || at.n != p.n {
			return true
		}
		if begins == 0 {
			begins = line
		}
		if p.key != "" && at.key == p.key {
			said = line
		}
		return said == 0
	})
	if said > 0 {
		return said
	}
	return begins
}

// walk visits the tables and keys of a file, however they are written, until visit returns false. The value is nil for a table.
func walk(text []byte, visit func(at place, line int, value *unstable.Node) bool) {
	w := walker{visit: visit, seen: make(map[string]int)}
	w.parser.Reset(text)
	table := ""
	for w.parser.NextExpression() {
		switch e := w.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = ""
			var line int
			table, line = w.key(table, e)
			if !w.table(table, line) {
				return
			}
		case unstable.KeyValue:
			if !w.value(table, e) {
				return
			}
		}
	}
}

type walker struct {
	parser unstable.Parser
	visit  func(place, int, *unstable.Node) bool
	seen   map[string]int // tables by key
}

// key is the dotted key of a node below a table, and its line.
func (w *walker) key(table string, of *unstable.Node) (key string, line int) {
	key = table
	for it := of.Key(); it.Next(); {
		if key != "" {
			key += "."
		}
		key += string(it.Node().Data)
		line = w.parser.Shape(it.Node().Raw).Start.Line
	}
	return key, line
}

// table visits the beginning of a table.
func (w *walker) table(key string, line int) bool {
	w.seen[key]++
	return w.visit(place{table: key, n: w.seen[key] - 1}, line, nil)
}

// value visits a key with its value, and the tables that are written in the value.
func (w *walker) value(table string, of *unstable.Node) bool {
	key, line := w.key(table, of)
	dot := strings.LastIndexByte(key, '.')
	in := key[:max(dot, 0)]
	if !w.visit(place{in, max(w.seen[in]-1, 0), key[dot+1:]}, line, of.Value()) {
		return false
	}
	return w.inside(key, line, of.Value())
}

func (w *walker) inside(key string, line int, value *unstable.Node) bool {
	for it := value.Children(); it.Next(); {
		e := it.Node()
		switch {
		case e.Kind == unstable.InlineTable:
			if !w.inline(key, line, e) {
				return false
			}
		case value.Kind == unstable.InlineTable && !w.value(key, e):
			return false
		}
	}
	return true
}

// inline visits an inline table of an array. It begins where its first key does.
func (w *walker) inline(key string, line int, table *unstable.Node) bool {
	if it := table.Children(); it.Next() {
		_, line = w.key("", it.Node())
	}
	return w.table(key, line) && w.inside(key, line, table)
}
