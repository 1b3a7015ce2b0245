package page

import (
	"testing"
	"time"

	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

func TestTokensAreCutAndNeverRoundedUp(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1.00K", 1009: "1.00K", 1010: "1.01K", 1_034_567: "1.03M", 999_999: "999.99K", 999_999_999: "999.99M",
		1_000_000: "1.00M", 16_849_999_999: "16.84B", 1_204_881_337_902: "1.20T", 9_223_372_036_854_775_807: "9223372.03T",
	} {
		if got := words(n); got != want {
			t.Errorf("words(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestMoneyNeverShowsMissingPricesAsNothing(t *testing.T) {
	tokens := usage.Tokens{Input: 100}
	for _, c := range []struct {
		cost     usage.Money
		unpriced int64
		want     string
	}{
		{0, 0, "$0.00"}, {1, 0, "<$0.01"}, {9_999, 0, "<$0.01"}, {10_000, 0, "$0.01"}, {812_409_999, 0, "$812.40"}, {999_999_999, 0, "$999.99"},
		{1_000_000_000, 0, "$1,000"}, {18_911_999_999, 0, "$18,911"}, {2_460_000, 40, "$2.46+?"}, {0, 100, "?"}, {0, 40, "?"}, {5, 40, "<$0.01+?"},
	} {
		if got := moneyWords(Sum{tokens, c.unpriced, c.cost}); got != c.want {
			t.Errorf("%d with %d unpriced = %s, want %s", c.cost, c.unpriced, got, c.want)
		}
	}
}

func TestExactOrdinalAndShares(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{exact(0), "0"}, {exact(999), "999"}, {exact(1000), "1,000"}, {exact(1234567), "1,234,567"}, {exact(-5), "0"},
		{ordinal(1), "1st"}, {ordinal(2), "2nd"}, {ordinal(3), "3rd"}, {ordinal(4), "4th"}, {ordinal(11), "11th"}, {ordinal(13), "13th"},
		{ordinal(21), "21st"}, {ordinal(112), "112th"}, {ordinal(41208), "41,208th"},
		{percent(972, 1000), "97.2%"}, {percent(9999, 10000), "99.9%"}, {percent(1, 3), "33.3%"}, {percent(0, 5), "0.0%"}, {percent(5, 5), "100.0%"},
		{percent(1<<61, 1<<62), "50.0%"}, {count(1, "day", "days"), "1 day"}, {count(1200, "day", "days"), "1,200 days"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 41, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{ago(now, now), "just now"}, {ago(now.Add(time.Hour), now), "just now"}, {ago(now.Add(-48*time.Second), now), "48 seconds ago"},
		{ago(now.Add(-time.Minute), now), "1 minute ago"}, {ago(now.Add(-26*time.Hour), now), "1 day ago"},
		{clock(552 * time.Second), "9:12"}, {clock(-time.Second), "0:00"}, {waitWords(20 * time.Second), "20 seconds"}, {waitWords(541 * time.Second), "10 minutes"},
		{waitWords(7 * 24 * time.Hour), "7 days"}, {waitWords(25 * time.Hour), "2 days"}, {waitWords(3 * time.Hour), "3 hours"},
		{dayWords(now, now), "23 Nov"}, {dayWords(now.AddDate(-1, 0, 0), now), "23 Nov 2025"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestPeriods(t *testing.T) {
	on := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	now := time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		period                           Period
		title, name, before, brief, rest string
		passed                           int
	}{
		{Period{Day, on(2027, 1, 1), on(2027, 1, 1)}, "Friday 1 January 2027", "2027-01-01", "2026-12-31", "1 Jan", "until midnight UTC", 1},
		{Period{Week, on(2026, 12, 28), on(2027, 1, 3)}, "Week 53, 2026", "2026-W53", "2026-W52", "week 53", "2 days left", 5},
		{Period{Month, on(2027, 1, 1), on(2027, 1, 31)}, "January 2027", "2027-01", "2026-12", "January", "30 days left", 1},
		{Period{Year, on(2026, 1, 1), on(2026, 12, 31)}, "2026", "2026", "2025", "2026", "", 365},
		{Period{Span: All}, "All time", "all", "all", "", "", 0},
	} {
		got := []any{c.period.title(), c.period.name(), c.period.before().name(), c.period.rest(now), c.period.passed(now)}
		want := []any{c.title, c.name, c.before, c.rest, c.passed}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", c.title, got[i], want[i])
			}
		}
		if c.period.Span != All && c.period.brief() != c.brief {
			t.Errorf("%s: brief %s, want %s", c.title, c.period.brief(), c.brief)
		}
	}
}

func TestBoardAddresses(t *testing.T) {
	for _, c := range []struct {
		period         string
		metric         Metric
		source, cursor string
		want           string
	}{
		{"month", ByTokens, "", "", "/"}, {"all", ByTokens, "", "", "/?period=all"}, {"month", ByCost, "codex", "", "/?metric=cost&source=codex"},
		{"2026-10", ByTokens, "", "abc", "/?cursor=abc&period=2026-10"}, {"month", ByTokens, "a&b=c", "", "/?source=a%26b%3Dc"},
	} {
		if got := boardURL(c.period, c.metric, filter{source: c.source}, c.cursor); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestGridLinesHoldTheMost(t *testing.T) {
	for _, most := range []int64{0, 1, 2, 3, 4, 29, 30, 31, 100, 101, 999, 12_345, 6_900_000_000, 1<<62 - 1, 1<<63 - 1} {
		step := gridStep(most)
		if step < 1 || step*3 < min(most, 1<<60) || most > 30 && step > most {
			t.Errorf("gridStep(%d) = %d", most, step)
		}
	}
}

func TestEveryProblemCodeHasItsPage(t *testing.T) {
	codes := []wire.Code{wire.Malformed, wire.Unauthorized, wire.Scope, wire.Suspended, wire.ClientOutdated, wire.NotFound, wire.BadMethod,
		wire.StaleSeq, wire.Conflict, wire.TooLarge, wire.MediaType, wire.InvalidRows, wire.RateLimited, wire.Internal, wire.Busy, wire.StorageFull}
	for _, code := range codes {
		if p := problemTexts[code]; p.title == "" || p.meaning == "" || p.remedy == "" || p.status < 400 {
			t.Errorf("%s is not explained", code)
		}
	}
	if len(problemTexts) != len(codes) {
		t.Error("a page for a code that the API does not have")
	}
}
