package main

import (
	"fmt"
	"os"
	"strings"
)

// page is docs/accuracy.md.
type page struct {
	programs []program
	sample   probe
	cases    []probe
	whys     []why
}

// why explains what some program does with homes of some name.
type why struct{ program, home, reason string }

// readWhys reads lines of "program | source/case | reason". A case may end in "*".
func readWhys(name string) ([]why, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var all []why
	for n, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, "|", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s, line %d: not program | case | reason", name, n+1)
		}
		all = append(all, why{strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[2])})
	}
	return all, nil
}

func (p page) reason(program, home string) string {
	for _, w := range p.whys {
		prefix, wild := strings.CutSuffix(w.home, "*")
		if strings.HasPrefix(program, w.program) && (home == w.home || wild && strings.HasPrefix(home, prefix)) {
			return w.reason
		}
	}
	return ""
}

func (p page) write() string {
	var b strings.Builder
	b.WriteString("# Accuracy\n\nMade by `make compare`. Every home of the tests that is made of plain files, counted by each program on the same bytes.\n" +
		"What a home holds was counted by hand. Figures are input/output/cache read/cache write; output includes reasoning.\n\n")
	p.writeSample(&b)
	p.writeSources(&b)
	p.writeDifferences(&b)
	return b.String()
}

func (p page) writeSample(b *strings.Builder) {
	fmt.Fprintf(b, "## A sample home of 75 days\n\nIt holds %s.\n\n| program | counts |\n|---|---|\n", p.sample.want)
	for i, g := range p.programs {
		verdict := "the same"
		if p.sample.got[i] != p.sample.want {
			verdict = p.sample.got[i].String()
		}
		fmt.Fprintf(b, "| %s | %s |\n", g.name, verdict)
	}
}

// writeSources says how many homes of each source each program counts right.
func (p page) writeSources(b *strings.Builder) {
	b.WriteString("\n## Homes counted right, by source\n\n| source | homes |")
	for _, g := range p.programs {
		fmt.Fprintf(b, " %s |", g.name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(p.programs)) + "\n")
	total, rightAll := 0, make([]int, len(p.programs))
	for i := 0; i < len(p.cases); {
		source, homes, right := p.cases[i].source, 0, make([]int, len(p.programs))
		for ; i < len(p.cases) && p.cases[i].source == source; i++ {
			homes++
			for n, got := range p.cases[i].got {
				if got == p.cases[i].want {
					right[n]++
					rightAll[n]++
				}
			}
		}
		total += homes
		fmt.Fprintf(b, "| %s | %d |%s\n", source, homes, columns(right))
	}
	fmt.Fprintf(b, "| all | %d |%s\n", total, columns(rightAll))
}

func columns(counts []int) string {
	var b strings.Builder
	for _, n := range counts {
		fmt.Fprintf(&b, " %d |", n)
	}
	return b.String()
}

// writeDifferences lists every home that some program counts otherwise.
func (p page) writeDifferences(b *strings.Builder) {
	b.WriteString("\n## Where they differ\n\n| home | holds |")
	for _, g := range p.programs[1:] {
		fmt.Fprintf(b, " %s |", g.name)
	}
	b.WriteString(" why |\n|---|---|" + strings.Repeat("---|", len(p.programs)) + "\n")
	for _, c := range p.cases {
		home, differs, why := c.source+"/"+c.name, false, []string(nil)
		var cells strings.Builder
		for i, got := range c.got {
			text := "the same"
			if got != c.want {
				differs, text = true, got.String()
				if reason := p.reason(p.programs[i].name, home); reason != "" {
					why = append(why, strings.Fields(p.programs[i].name)[0]+" "+reason)
				}
			}
			if i > 0 {
				fmt.Fprintf(&cells, " %s |", text)
			}
		}
		if differs {
			fmt.Fprintf(b, "| %s | %s |%s %s |\n", home, c.want, cells.String(), strings.Join(why, "; "))
		}
	}
}
