package tokenflexing

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "tokenflex.ing/"

// A rule forbids packages to reach others. Names of ours are relative to the module, "/..." means everything below.
type rule struct {
	packages []string
	never    []string // never imported, not even through our other packages
	direct   []string // never imported by the package itself
	reason   string
}

var rules = []rule{
	{[]string{"internal/usage", "internal/wire"}, []string{"internal/..."}, []string{"os", "net", "net/http", "log", "log/slog"},
		"the vocabulary does no I/O and knows nothing of ours"},
	{[]string{"internal/pricing"}, []string{"net", "net/http"}, []string{"os"},
		"the same money everywhere, offline"},
	{[]string{"internal/client/source"}, []string{"net", "net/http", "os", "os/exec", "database/sql", "log", "log/slog", "modernc.org/sqlite"}, nil,
		"parsers see bytes and rows, never the network or the disk"},
	{[]string{"internal/client/payload"}, []string{"net", "net/http", "internal/client/scan", "internal/client/source", "internal/client/remote"}, nil,
		"the request is built before anything that can send it"},
	{[]string{"internal/client/report", "internal/client/render"}, []string{"internal/client/scan", "internal/client/remote", "net/http"}, nil,
		"views do not fetch"},
	{[]string{"internal/client/ledger", "internal/client/lockfile"}, []string{"net", "net/http", "internal/client/scan", "internal/client/remote", "internal/client/config"}, nil,
		"what is remembered is given to whoever asks, and goes nowhere by itself"},
	{[]string{"internal/client/remote"}, []string{"internal/usage", "internal/client/scan", "internal/client/source", "internal/client/payload"}, nil,
		"it can only send what payload built: it has no type for anything else"},
	{[]string{"internal/client/...", "cmd/tokenflexing"}, []string{"internal/server/...", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3",
		"github.com/coreos/go-oidc/v3/oidc", "golang.org/x/oauth2", "github.com/go-webauthn/webauthn/webauthn"}, nil,
		"the client links no server and holds no database credentials"},
	{[]string{"internal/server/...", "cmd/tokenflexd"}, []string{"internal/client/..."}, nil,
		"the server reads nobody's disk"},
	{[]string{"internal/server/store", "internal/server/store/sqlite", "internal/server/store/postgres"}, []string{"net/http", "internal/server/accept"}, nil,
		"storage trusts nothing above it"},
}

// onlyRemoteDials lists what may import net/http in the client.
var onlyRemoteDials = []string{"internal/client/remote"}

func TestImports(t *testing.T) {
	graph := readImports(t)
	for _, r := range rules {
		for _, pkg := range expand(t, graph, r.packages) {
			reached := reach(graph, pkg)
			for _, name := range r.never {
				for hit, via := range reached {
					if matches(hit, name) && hit != pkg {
						t.Errorf("%s reaches %s through %s: %s", pkg, hit, via, r.reason)
					}
				}
			}
			for _, name := range r.direct {
				if slices.Contains(graph[pkg], name) {
					t.Errorf("%s imports %s: %s", pkg, name, r.reason)
				}
			}
		}
	}
	for pkg, imports := range graph {
		if strings.HasPrefix(pkg, "internal/client/") && slices.Contains(imports, "net/http") && !slices.Contains(onlyRemoteDials, pkg) {
			t.Errorf("%s imports net/http: only %v dials out", pkg, onlyRemoteDials)
		}
	}
}

// Only cmd/tokenflexd picks a store.
func TestOnlyTheCommandPicksAStore(t *testing.T) {
	for pkg, imports := range readImports(t) {
		for _, name := range []string{"internal/server/store/sqlite", "internal/server/store/postgres"} {
			if slices.Contains(imports, name) && pkg != "cmd/tokenflexd" && !strings.HasPrefix(pkg, name+"/") {
				t.Errorf("%s imports %s", pkg, name)
			}
		}
	}
}

// A rule about a package that is gone protects nothing.
func TestRulesNameWhatExists(t *testing.T) {
	graph := readImports(t)
	for _, r := range rules {
		expand(t, graph, r.packages)
		for _, name := range r.never {
			if strings.HasPrefix(name, "internal/") {
				expand(t, graph, []string{name})
			}
		}
	}
}

// docs/deps-client.txt is every module that the client links, so that a new one shows in review.
func TestClientDependenciesAreListed(t *testing.T) {
	readImports(t) // and go.mod below: what the answer depends on is opened, so that it is never served stale
	if _, err := os.ReadFile("go.mod"); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/tokenflexing").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	modules = slices.DeleteFunc(slices.Compact(modules), func(m string) bool { return m+"/" == module })
	want, err := os.ReadFile("docs/deps-client.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(modules, "\n") + "\n"; got != string(want) {
		t.Errorf("the client links\n%s\ndocs/deps-client.txt lists\n%s", got, want)
	}
}

// readImports parses every file that is not a test, so that the test's cache follows the sources.
// Names of the module are made relative.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	graph := make(map[string][]string)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(name))
		graph[pkg] = append(graph[pkg], "")
		for _, i := range file.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			graph[pkg] = append(graph[pkg], strings.TrimPrefix(imported, module))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// reach returns everything that pkg imports, itself or through our packages, with one that imports it.
func reach(graph map[string][]string, pkg string) map[string]string {
	seen := make(map[string]string)
	var visit func(string)
	visit = func(p string) {
		for _, imported := range graph[p] {
			if _, ok := seen[imported]; imported == "" || ok {
				continue
			}
			seen[imported] = p
			visit(imported)
		}
	}
	visit(pkg)
	return seen
}

func expand(t *testing.T, graph map[string][]string, patterns []string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		before := len(all)
		for pkg := range graph {
			if matches(pkg, pattern) {
				all = append(all, pkg)
			}
		}
		if len(all) == before {
			t.Errorf("a rule names %s, which does not exist", pattern)
		}
	}
	slices.Sort(all)
	return all
}

func matches(name, pattern string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(name, below+"/")
	}
	return name == pattern
}
