package tokenflexing

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// moneyPath is where a count of tokens becomes an amount of money and is added up, kept and compared.
var moneyPath = []string{
	"internal/usage", "internal/pricing", "internal/client/config", "internal/client/payload", "internal/client/report", "internal/client/ledger",
	"internal/server/accept", "internal/server/board", "internal/server/store",
}

// inexact are the column types that a database rounds.
var inexact = regexp.MustCompile(`(?i)\b(real|float[48]?|double precision)\b`)

// winsor is a share that is shown beside the community's sums; the sums are cut by a count.
const winsor = "0.999"

func TestNoFloatingPointTouchesMoney(t *testing.T) {
	files := 0
	for _, root := range moneyPath {
		err := filepath.WalkDir(filepath.FromSlash(root), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			switch filepath.Ext(path) {
			case ".go":
				files++
				return floatsIn(t, path)
			case ".sql":
				files++
				return inexactIn(t, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("looked at %d files", files)
	}
}

func floatsIn(t *testing.T, path string) error {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			switch n.Name {
			case "float32", "float64", "complex64", "complex128", "ParseFloat", "Float64", "Float32", "SetFloat64", "NewFloat":
				t.Errorf("%s: %s", set.Position(n.Pos()), n.Name)
			}
		case *ast.BasicLit:
			whole := constant.ToInt(constant.MakeFromLiteral(n.Value, n.Kind, 0)).Kind() == constant.Int // 1e9 is an integer
			if n.Kind == token.FLOAT && !whole && n.Value != winsor || n.Kind == token.IMAG {
				t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
			}
		}
		return true
	})
	return nil
}

func inexactIn(t *testing.T, path string) error {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(data), "\n") {
		code, _, _ := strings.Cut(line, "--")
		if hit := inexact.FindString(code); hit != "" {
			t.Errorf("%s:%d: %s", path, i+1, hit)
		}
	}
	return nil
}
