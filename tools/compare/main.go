// Command compare counts the same homes with tokenflexing and with its peers, and writes docs/accuracy.md: where they agree,
// where they do not, and why.
//
//	go run ./tools/compare -peers DIR
//
// DIR is where "npm install ccusage@20.0.24 @ccusage/ccusage-linux-x64@20.0.24 @tokscale/cli-linux-x64-gnu@4.17.0" was run. A peer that
// is not there is left out, and the page says so.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

func main() {
	peers := flag.String("peers", "", "folder that the peers were installed in with npm")
	out := flag.String("o", "docs/accuracy.md", "page to write; - prints it")
	flag.Parse()
	if err := run(*peers, *out); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

const testdata = "internal/client/source/testdata"

func run(peersDir, out string) error {
	programs := append([]program{ours}, installed(peersDir)...)
	homes, err := cases()
	if err != nil {
		return err
	}
	whys, err := readWhys("tools/compare/why.txt")
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	p := page{programs: programs, whys: whys}
	if p.sample, err = sample(scratch, programs); err != nil {
		return err
	}
	for _, c := range homes {
		if c.got, err = c.count(scratch, programs); err != nil {
			return err
		}
		p.cases = append(p.cases, c)
	}
	text := p.write()
	if out == "-" {
		_, err := fmt.Print(text)
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// probe is one home of the tests: what it holds by hand-checked count, and what each program says of it.
type probe struct {
	source, name, home string
	want               amount
	got                []amount // in the order of the programs
}

// cases are the homes whose files lie there as a tool leaves them. Homes with times of their own, or with databases that
// the tests build, are not: a peer would see something else.
func cases() ([]probe, error) {
	wants, err := filepath.Glob(filepath.Join(testdata, "*", "*", "want.json"))
	if err != nil || len(wants) == 0 {
		return nil, fmt.Errorf("no homes below %s: run it from the top of the repository", testdata)
	}
	var all []probe
	for _, want := range wants {
		dir := filepath.Dir(want)
		if _, err := os.Stat(filepath.Join(dir, "modified.json")); err == nil || built(dir) {
			continue
		}
		text, err := os.ReadFile(want)
		if err != nil {
			return nil, err
		}
		var w struct{ Cells []usage.Cell }
		if err := json.Unmarshal(text, &w); err != nil {
			return nil, fmt.Errorf("%s: %w", want, err)
		}
		c := probe{source: filepath.Base(filepath.Dir(dir)), name: filepath.Base(dir), home: filepath.Join(dir, "home")}
		for _, cell := range w.Cells {
			c.want = c.want.add(cell.Tokens)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b probe) int { return strings.Compare(a.source+"/"+a.name, b.source+"/"+b.name) })
	return all, nil
}

func built(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(name string, _ os.DirEntry, _ error) error { // what cannot be walked has no script
		found = found || strings.HasSuffix(name, ".sql")
		return nil
	})
	return found
}

// count asks every program about a copy of the home.
func (c probe) count(scratch string, programs []program) ([]amount, error) {
	home := filepath.Join(scratch, c.source, c.name)
	if err := os.CopyFS(home, os.DirFS(c.home)); err != nil {
		return nil, err
	}
	var got []amount
	for _, p := range programs {
		a, err := p.count(home)
		if err != nil {
			return nil, fmt.Errorf("%s on %s/%s: %w", p.name, c.source, c.name, err)
		}
		got = append(got, a)
	}
	return got, nil
}

// sample counts a home with months of ordinary use, whose total is known.
func sample(scratch string, programs []program) (probe, error) {
	c := probe{home: filepath.Join(scratch, "sample")}
	days, err := samplehome.Write(c.home, samplehome.Options{Seed: 1, Until: sampleEnd, Days: 75, Sessions: 4})
	if err != nil {
		return c, err
	}
	for _, d := range days {
		c.want = c.want.add(d.Tokens)
	}
	for _, p := range programs {
		a, err := p.count(c.home)
		if err != nil {
			return c, fmt.Errorf("%s on the sample home: %w", p.name, err)
		}
		c.got = append(c.got, a)
	}
	return c, nil
}
