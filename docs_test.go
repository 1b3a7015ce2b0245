package tokenflexing

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	markdownLink = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	testName     = regexp.MustCompile(`^(Test|Fuzz|Example)\w+$`)
)

// Every link of the documentation leads to a file that is there, and a link named after a test to the file that holds it.
func TestDocumentationLinksLead(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range markdownLink.FindAllStringSubmatch(string(text), -1) {
			name, _, _ := strings.Cut(link[2], "#")
			if name == "" || strings.Contains(name, "://") || strings.HasPrefix(name, "mailto:") {
				continue
			}
			file := filepath.Join(filepath.Dir(page), name)
			content, err := os.ReadFile(file)
			if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
				err = nil
			}
			if err != nil {
				t.Errorf("%s: %s leads nowhere", page, link[2])
				continue
			}
			if said := strings.Trim(link[1], "`"); testName.MatchString(said) && !strings.Contains(string(content), "func "+said+"(") {
				t.Errorf("%s: %s is not in %s", page, said, file)
			}
		}
	}
}

func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".md") {
			found = append(found, name)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d pages, %v", len(found), err)
	}
	return found
}
