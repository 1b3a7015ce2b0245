//go:build linux || darwin

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// table shows the results in Markdown.
func table(h home, results []result, missing []string, runs int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Size %s: %d files, %.0f MB, %d tokens. %s; %d runs in turn, page cache warm: the middle one and, behind the stroke, the least.\n\n",
		h.name, h.Files, float64(h.Bytes)/1e6, h.total()-*h.came, machine(), runs)
	b.WriteString("| program | wall s | CPU s | peak MiB | MB/s | total |\n|---|---|---|---|---|---|\n")
	for _, r := range results {
		wall, leastWall := spread(r.costs, func(c cost) time.Duration { return c.wall })
		cpu, leastCPU := spread(r.costs, func(c cost) time.Duration { return c.cpu })
		memory, _ := spread(r.costs, func(c cost) int64 { return c.memory })
		speed := "–"
		if !r.remembers {
			speed = fmt.Sprintf("%.0f", float64(h.Bytes)/1e6/leastWall.Seconds())
		}
		fmt.Fprintf(&b, "| `%s` | %.3f / %.3f | %.3f / %.3f | %.0f | %s | %s |\n", r.name, wall.Seconds(), leastWall.Seconds(), cpu.Seconds(), leastCPU.Seconds(),
			float64(memory)/(1<<20), speed, r.verdict())
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "\nNot installed: %s.\n", strings.Join(missing, ", "))
	}
	return b.String()
}

// verdict says whether every run's total was the known one.
func (r result) verdict() string {
	switch {
	case r.total == nil:
		return "–"
	case r.said == r.want:
		return "exact"
	}
	return fmt.Sprintf("%+.3f %%", 100*float64(r.said-r.want)/float64(r.want))
}

// machine names what the figures were taken on.
func machine() string {
	processor := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				processor = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", processor, runtime.NumCPU(), runtime.GOOS)
}

// replace puts the text between the marks of a size on the page.
func replace(page, name, text string) error {
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	from, to := "<!-- bench "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(string(old), from)
	_, after, end := strings.Cut(rest, to)
	if !ok || !end {
		return fmt.Errorf("%s has no place for size %s", page, name)
	}
	return os.WriteFile(page, []byte(before+from+text+to+after), 0o644)
}
