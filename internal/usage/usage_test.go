package usage

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTotalLeavesReasoningOut(t *testing.T) {
	tok := Tokens{Input: 1, CacheRead: 10, CacheWrite5m: 100, CacheWrite1h: 1000, Output: 10_000, Reasoning: 9_999}
	if tok.Total() != 11_111 || tok.Prompt() != 1_111 || tok.CacheWrite() != 1_100 {
		t.Errorf("total %d, prompt %d, cache write %d", tok.Total(), tok.Prompt(), tok.CacheWrite())
	}
}

func TestSumsHoldAtTheLargestNumber(t *testing.T) {
	huge := Tokens{Input: math.MaxInt64, Output: 5}
	if got := huge.Add(Tokens{Input: 1}).Input; got != math.MaxInt64 {
		t.Errorf("input %d", got)
	}
	if got := huge.Total(); got != math.MaxInt64 {
		t.Errorf("total %d", got)
	}
	if got := PicoOf(math.MaxInt64, math.MaxInt64).Round(); got != math.MaxInt64 {
		t.Errorf("cost %d", got)
	}
}

func TestCleanMakesCountsSound(t *testing.T) {
	got := Tokens{Input: -1, CacheRead: -2, Output: 5, Reasoning: 9}.Clean()
	if want := (Tokens{Output: 5, Reasoning: 5}); got != want {
		t.Errorf("clean %+v, want %+v", got, want)
	}
}

func TestBandStartsAboveItsThreshold(t *testing.T) {
	tests := map[int64]Band{
		0: 0, 32_000: 0, 32_001: 32_000, 100_000: 32_000, 100_001: 100_000, 128_000: 100_000, 128_001: 128_000, 200_000: 128_000,
		200_001: 200_000, 256_000: 200_000, 256_001: 256_000, 272_000: 256_000, 272_001: 272_000, 512_000: 272_000, 512_001: 512_000, 9_000_000: 512_000,
	}
	for prompt, want := range tests {
		if got := BandOf(prompt); got != want || !got.Valid() {
			t.Errorf("%d prompt tokens: band %d, want %d", prompt, got, want)
		}
	}
	if Band(1).Valid() {
		t.Error("band 1 is not one")
	}
	for b, want := range map[Band]Band{0: 0, 32_000: 0, 100_000: 0, 128_000: 128_000, 200_000: 200_000, 256_000: 200_000, 272_000: 272_000, 512_000: 512_000} {
		if got := b.Common(); got != want {
			t.Errorf("band %d among the common ones: %d, want %d", b, got, want)
		}
	}
}

func TestUnknownTiersAreStandard(t *testing.T) {
	for name, want := range map[string]Tier{"fast": Fast, "priority": Priority, "flex": Flex, "batch": Batch, "": Standard, "default": Standard, "FAST": Standard} {
		if got := ParseTier(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if Tier("").Valid() || !Standard.Valid() {
		t.Error("only the closed list is valid")
	}
}

func TestMoneyPrintsSixPlaces(t *testing.T) {
	for m, want := range map[Money]string{0: "0.000000", 12_345: "0.012345", 1_909_970_000: "1909.970000", -1: "-0.000001", math.MinInt64: "-9223372036854.775808"} {
		if got := m.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(m), got, want)
		}
	}
}

func TestCostsRoundHalfToEven(t *testing.T) {
	for pico, want := range map[int64]Money{499_999: 0, 500_000: 0, 500_001: 1, 1_499_999: 1, 1_500_000: 2, 2_500_000: 2, 2_500_001: 3} {
		if got := PicoOf(1, pico).Round(); got != want {
			t.Errorf("%d pico-dollars: %d micro-dollars, want %d", pico, got, want)
		}
	}
}

func TestRoundIsThatOfExactFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum Pico
		exact := new(big.Int)
		for range rapid.IntRange(1, 8).Draw(t, "parts") {
			n, price := rapid.Int64Range(0, 1e13).Draw(t, "tokens"), rapid.Int64Range(0, 1e9).Draw(t, "price")
			sum = sum.Add(PicoOf(n, price))
			exact.Add(exact, new(big.Int).Mul(big.NewInt(n), big.NewInt(price)))
		}
		q, r := new(big.Int).QuoRem(exact, big.NewInt(1_000_000), new(big.Int))
		switch r.Cmp(big.NewInt(500_000)) {
		case 1:
			q.Add(q, big.NewInt(1))
		case 0:
			q.Add(q, new(big.Int).And(q, big.NewInt(1)))
		}
		want := Money(math.MaxInt64)
		if q.IsInt64() {
			want = Money(q.Int64())
		}
		if got := sum.Round(); got != want {
			t.Fatalf("%v pico-dollars: %d, want %d", exact, got, want)
		}
	})
}

func TestSplitAddsUpAndIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := make([]Pico, rapid.IntRange(1, 12).Draw(t, "parts"))
		var whole Pico
		for i := range parts {
			parts[i] = PicoOf(rapid.Int64Range(0, 1e9).Draw(t, "tokens"), rapid.Int64Range(0, 1e8).Draw(t, "price"))
			whole = whole.Add(parts[i])
		}
		m := whole.Round()
		var sum Money
		for i, share := range m.Split(parts) {
			sum += share
			own := parts[i].Round()
			if diff := share - own; diff < -1 || diff > 1 {
				t.Fatalf("part %d alone costs %d, its share is %d", i, own, share)
			}
		}
		if sum != m {
			t.Fatalf("shares sum to %d, not %d", sum, m)
		}
	})
}

func TestSplitDoesNotDependOnTheSizeOfWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := make([]Pico, rapid.IntRange(1, 12).Draw(t, "parts"))
		for i := range parts {
			parts[i] = PicoOf(rapid.Int64Range(0, 1e9).Draw(t, "tokens"), rapid.Int64Range(0, 5).Draw(t, "price")*rapid.Int64Range(1, 1<<31).Draw(t, "times"))
		}
		m := Money(rapid.Int64Range(0, 1<<rapid.IntRange(1, 62).Draw(t, "bits")).Draw(t, "amount"))
		if diff := cmp.Diff(m.splitBig(parts), m.Split(parts)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestACalendarNamesDaysAsKeysDo(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "Europe/Berlin"), zone(t, "America/Sao_Paulo"), zone(t, "Pacific/Apia"), zone(t, "Australia/Lord_Howe")}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		calendar := NewCalendar(z)
		at := time.Unix(rapid.Int64Range(0, 2e9).Draw(t, "start"), 0).UTC().Truncate(Slot)
		for range 50 {
			at = at.Add(Slot * time.Duration(rapid.IntRange(-5, 100).Draw(t, "slots")))
			c := Cell{Start: at, Source: "s", Model: "m", Band: 1, Tier: Standard}
			if got, want := calendar.Key(&c), c.Key(z); got != want {
				t.Fatal(got, want)
			}
		}
	})
}

func TestSplitOfNothing(t *testing.T) {
	if diff := cmp.Diff([]Money{0, 0}, Money(0).Split(make([]Pico, 2))); diff != "" {
		t.Error(diff)
	}
	if got := Money(5).Split(nil); len(got) != 0 {
		t.Errorf("no parts: %v", got)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// A session's sum is not one enormous request.
func TestSumsOfSessionsHaveNoBandAndNoRequests(t *testing.T) {
	cells := Cells([]Record{{Source: "goose", Model: "m", Tokens: Tokens{Input: 5_000_000, Output: 1}, Sum: true}})
	if len(cells) != 1 || cells[0].Band != 0 || cells[0].Requests != 0 || cells[0].Tokens.Input != 5_000_000 {
		t.Errorf("cells %+v", cells)
	}
}

// Half-hour and quarter-hour zones must cut days where they really begin.
func TestDaysFollowTheZone(t *testing.T) {
	at := time.Date(2026, 5, 1, 18, 20, 0, 0, time.UTC)
	records := []Record{
		{Source: "codex", Model: "m", Time: at, Tokens: Tokens{Input: 1}},
		{Source: "codex", Model: "m", Time: at.Add(20 * time.Minute), Tokens: Tokens{Input: 2}},
	}
	tests := map[string]map[string]int64{
		"UTC":             {"2026-05-01": 3},
		"Asia/Kolkata":    {"2026-05-01": 1, "2026-05-02": 2}, // +05:30: midnight is 18:30 UTC
		"Asia/Kathmandu":  {"2026-05-02": 3},                  // +05:45: midnight is 18:15 UTC
		"America/Chicago": {"2026-05-01": 3},
	}
	for name, want := range tests {
		got := make(map[string]int64)
		for _, d := range ByDay(Cells(records), zone(t, name)) {
			got[d.Date] += d.Tokens.Input
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDaysNeverLoseATokenAndIgnoreOrder(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "Asia/Kolkata"), zone(t, "America/St_Johns"), zone(t, "Pacific/Chatham")}
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Record {
			return Record{
				Source:  rapid.SampledFrom([]string{"codex", "claude-code"}).Draw(t, "source"),
				Model:   rapid.SampledFrom([]string{"a", "b"}).Draw(t, "model"),
				Session: rapid.SampledFrom([]string{"s", "t", ""}).Draw(t, "session"),
				Time:    time.Unix(rapid.Int64Range(1.7e9, 1.8e9).Draw(t, "time"), 0),
				Tier:    rapid.SampledFrom([]Tier{"", Standard, Fast}).Draw(t, "tier"),
				Tokens:  Tokens{Input: rapid.Int64Range(0, 1e6).Draw(t, "input"), Output: rapid.Int64Range(0, 1e5).Draw(t, "output")},
			}
		})).Draw(t, "records")
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		var want, got Tokens
		for _, r := range records {
			want = want.Add(r.Tokens)
		}
		days := ByDay(Cells(records), z)
		var requests int64
		for _, d := range days {
			got = got.Add(d.Tokens)
			requests += d.Requests
			if !d.Tier.Valid() {
				t.Fatalf("tier %q", d.Tier)
			}
		}
		if got != want || requests != int64(len(records)) {
			t.Fatalf("days hold %+v in %d requests, records %+v in %d", got, requests, want, len(records))
		}
		shuffled := rapid.Permutation(records).Draw(t, "order")
		if diff := cmp.Diff(days, ByDay(Cells(shuffled), z)); diff != "" {
			t.Fatalf("the order of records shows (-want +got):\n%s", diff)
		}
	})
}
