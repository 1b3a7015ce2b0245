package tokenflexing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tokenflex.ing/internal/client/source"
)

// named says what may name a tool outside the tool's own file.
type named struct {
	where  string   // a file, or a folder with everything below
	words  []string // the IDs that stand there; nil: any
	reason string
}

var mayName = []named{
	{"internal/samplehome", nil, "makes homes as tools leave them"},
	{"internal/server/store/storetest", nil, "tests of stores, which count rows of some tool"},
	{"tools", nil, "fill homes and servers to measure them"},
	{"internal/pricing/book/check.go", []string{"grok"}, "a family of models"},
	{"internal/pricing/family.go", []string{"grok"}, "a family of models"},
	{"internal/server/page/boardurl.go", []string{"cursor"}, "where a page of the board begins"},
	{"internal/server/query.go", []string{"cursor"}, "where a page of the board begins"},
	{"internal/server/routes.go", []string{"cursor"}, "where a page of the board begins"},
}

// A tool is known by its file, the homes it is tested with and its line in All: whatever else the program must know of it is a field of its Source.
func TestNothingElseNamesATool(t *testing.T) {
	ids := make(map[string]bool)
	for _, s := range source.All() {
		ids[s.ID] = true
	}
	used := make([]bool, len(mayName))
	for _, file := range sourceFiles(t) {
		at := token.NewFileSet()
		parsed, err := parser.ParseFile(at, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			word, err := strconv.Unquote(literal.Value)
			if err != nil || !ids[word] {
				return true
			}
			i := slices.IndexFunc(mayName, func(m named) bool { return m.allows(filepath.ToSlash(file), word) })
			if i < 0 {
				t.Errorf("%s names %q: what it says belongs into a field of that tool's Source", at.Position(literal.Pos()), word)
				return true
			}
			used[i] = true
			return true
		})
	}
	for i, m := range mayName {
		if !used[i] {
			t.Errorf("%s names no tool any more: take it off the list", m.where)
		}
	}
}

func (m named) allows(file, word string) bool {
	return (file == m.where || strings.HasPrefix(file, m.where+"/")) && (m.words == nil || slices.Contains(m.words, word))
}

// sourceFiles lists the Go files of the program, without tests and without the tools' own.
func sourceFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "internal/client/source" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return filepath.SkipDir
		case path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go"):
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
