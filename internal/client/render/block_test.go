package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// In the night in which clocks are put back a window ends five hours after its beginning, and not five hours further on the clock.
func TestAWindowOfTheNightWhenClocksArePutBackEndsInTime(t *testing.T) {
	at := time.Date(2026, 10, 24, 23, 30, 0, 0, berlin)
	cells := usage.Cells([]usage.Record{{Source: "codex", Model: "m", Time: at, Tokens: usage.Tokens{Output: 1}}})
	r := report.Build(cells, prices, report.Options{Kind: report.InBlocks, Zone: berlin, Now: sampleNow})
	var b bytes.Buffer
	if err := Write(&b, Table, r, Style{Width: 120}); err != nil {
		t.Fatal(err)
	}
	if want := "23:00–03:00"; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
}
