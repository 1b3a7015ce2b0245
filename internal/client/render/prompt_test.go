package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

func TestALineOfAPromptFitsItsWidth(t *testing.T) {
	sums := func(micros usage.Money) report.Sums {
		return report.Sums{Tokens: usage.Tokens{Input: 5_000_000}, Cost: micros}
	}
	p := report.Prompt{Model: "claude-opus-4-5", Session: sums(840_000), Today: sums(9_690_000), Block: sums(2_000_000), Left: 3*time.Hour + 28*time.Minute, Rank: 1204}
	want := map[int]string{
		120: "claude-opus-4-5  $0.84 session  $9.69 today  block $2.00, 3 h 28 m left",
		60:  "$0.84 session  $9.69 today  3 h 28 m left",
		40:  "$0.84 session  $9.69 today",
		30:  "$0.84  $9.69 today",
	}
	for width, line := range want {
		if got := promptText(t, Style{Width: width}, p, ""); got != line {
			t.Errorf("%d columns: %q", width, got)
		}
		if got := promptText(t, Style{Width: width, Color: true}, p, ""); !strings.Contains(got, "\x1b[") {
			t.Errorf("%d columns: no colour in %q", width, got)
		}
	}
	p.Old, p.At = true, time.Date(2026, 11, 23, 14, 20, 0, 0, time.UTC)
	if got := promptText(t, Style{Width: 60}, p, ""); got != "$0.84 session  $9.69 today  3 h 28 m left  (14:20)" {
		t.Error(got)
	}
	if got := promptText(t, Style{}, p, "{model} {session.cost} {today.tokens} {block.left} {rank} {at} {what}"); got != "claude-opus-4-5 $0.84 5.00M 3 h 28 m #1,204 14:20 {what}" {
		t.Error(got)
	}
	if got := promptText(t, Style{}, report.Prompt{Old: true}, ""); got != "" {
		t.Errorf("nothing to say: %q", got)
	}
	p.Today.Unpriced = 1
	if got := promptText(t, Style{Width: 30}, p, ""); !strings.HasPrefix(got, "$0.84  $9.69+? today") {
		t.Error(got)
	}
}

func promptText(t *testing.T, s Style, p report.Prompt, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Prompt(&b, s, p, format); err != nil {
		t.Fatal(err)
	}
	line, ended := strings.CutSuffix(b.String(), "\n")
	if !ended || strings.Contains(line, "\n") {
		t.Errorf("not one line: %q", b.String())
	}
	return line
}
