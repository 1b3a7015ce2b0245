package scan

import (
	"fmt"
	"testing"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// What is made of an answer while it is kept changes nothing of what is kept, and an answer that was not kept says so in the end.
func TestAnAnswerIsWorkedOnWhileItIsKept(t *testing.T) {
	dir := home(t, map[string]string{".claude/projects/p/s.jsonl": fmt.Sprintf(transcriptLine, 1, 1)})
	calls := 0
	o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Zone: time.UTC, Ledger: t.TempDir(), Meanwhile: func(r *Result) {
		calls++
		for i := range r.Cells {
			r.Cells[i].Last = time.Now() // recent
			r.Cells[i].Model = "another"
		}
	}}
	for n := 1; n <= 2; n++ { // the second reads nothing, but what is recent is kept again
		r := mustRun(t, o)
		if calls != n || !r.Kept || len(r.Cells) != 1 || r.Cells[0].Model != "another" {
			t.Fatalf("scan %d: %d calls, %+v", n, calls, r)
		}
		recent, err := ledger.ReadRecent(o.Ledger)
		if err != nil || len(recent.Cells) > 0 {
			t.Errorf("scan %d: recent are %+v, %v", n, recent.Cells, err)
		}
		l, err := ledger.Open(o.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		cells, _, err := l.Cells(nil)
		l.Close()
		if err != nil || len(cells) != 1 || cells[0].Model == "another" {
			t.Errorf("scan %d: kept are %+v, %v", n, cells, err)
		}
	}

	o.Ledger = dir + "/.claude/projects/p/s.jsonl/ledger" // where no folder can be made
	if r := mustRun(t, o); calls != 3 || r.Kept || len(r.Warnings) == 0 {
		t.Errorf("%d calls, kept %t, %v", calls, r.Kept, r.Warnings)
	}
}
