package accept

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// usual is an upload as most are: the last two days, of three tools and five models.
func usual() (body []byte, now time.Time) {
	now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var rows []string
	for i := range 30 {
		rows = append(rows, fmt.Sprintf(`{"day":"2026-11-2%d","source":%q,"model":%q,"input":%9d,"cache_read":%9d,"output":%9d,"requests":%9d}`, 2+i%2,
			[]string{"codex", "claude-code", "gemini-cli"}[i/10], []string{"gpt-5", "gpt-5-mini", "claude-opus-4-5", "claude-sonnet-4-5", "gemini-2.5-pro"}[i/2%5],
			2_000_000+i, 14_000_000+i, 400_000+i, 2000+i))
	}
	return []byte(`{"v":1,"sync_id":"0198f5a0-0000-7000-8000-000000000000","seq":1795435200000000,"mode":"max","client":{"name":"tokenflexing","version":"1.0.0","os":"linux"},` +
		`"parsers":{"codex":2,"claude-code":3,"gemini-cli":1},"rows":[` + strings.Join(rows, ",") + `]}`), now
}

func decoded(b testing.TB) (wire.Usage, []usage.Day) {
	body, now := usual()
	u, _, err := Decode(body)
	if err != nil {
		b.Fatal(err)
	}
	days, err := Days(u, now)
	if err != nil {
		b.Fatal(err)
	}
	pricing.Embedded().Price(days)
	return u, days
}

func BenchmarkDecode(b *testing.B) {
	body, _ := usual()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDays(b *testing.B) {
	u, _ := decoded(b)
	_, now := usual()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Days(u, now); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJudge judges the rows of an upload and thirty days before it.
func BenchmarkJudge(b *testing.B) {
	_, days := decoded(b)
	lines := DefaultLines()
	lines.Prices = pricing.Embedded()
	lines.Today = "2026-11-23"
	lines.Others = func(int64) Others { return Others{Users: 1000, Tokens: 1e13, Top: 1e11} }
	r := store.Review{From: "2026-11-22", To: "2026-11-23", Stored: 60, Devices: []int64{1}}
	for _, d := range days {
		r.Rows = append(r.Rows, store.Row{Device: 1, Day: d})
	}
	for i := range 20 {
		r.Before = append(r.Before, store.DayTotal{Day: fmt.Sprintf("2026-11-%02d", 1+i), Tokens: 1_000_000})
	}
	b.ReportAllocs()
	for b.Loop() {
		if holds, err := lines.Judge(r); err != nil || len(holds) > 0 {
			b.Fatal(holds, err)
		}
	}
}

// BenchmarkPrint makes the prints of the upload's six cells, whose rows come in no order.
func BenchmarkPrint(b *testing.B) {
	_, days := decoded(b)
	cells := make(map[store.Cell][]usage.Day)
	for i := range days {
		d := days[(i*7)%len(days)]
		c := store.Cell{Day: d.Date, Source: d.Source}
		cells[c] = append(cells[c], d)
	}
	print := Printer([]byte("key"))
	b.ReportAllocs()
	for b.Loop() {
		for _, rows := range cells {
			print(rows)
		}
	}
}
