package render

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/usage"
)

func TestNumbers(t *testing.T) {
	tests := []struct{ what, got, want string }{
		{"exact", exact(121_430_815), "121,430,815"},
		{"exact", exact(999), "999"},
		{"exact", exact(math.MaxInt64), "9,223,372,036,854,775,807"},
		{"exact, below zero", exact(-1234), "-1,234"},
		{"units", units(999), "999"},
		{"units", units(1000), "1.00K"},
		{"cut", units(1039), "1.03K"},
		{"cut", units(63_099), "63.0K"},
		{"cut and never rounded up", units(999_999), "999K"},
		{"cut and never rounded up", units(999_999_999), "999M"},
		{"units", units(1_000_000), "1.00M"},
		{"units", units(2_921_000_000), "2.92B"},
		{"units", units(12_345_000_000_000), "12.3T"},
		{"the last unit goes on", units(math.MaxInt64), "9,223,372T"},
		{"money", dollars(1_909_970_000), "$1,909.97"},
		{"money, nothing", dollars(0), "$0.00"},
		{"less than half a cent", dollars(4_999), "<$0.01"},
		{"less than half a cent", dollars(1), "<$0.01"},
		{"half a cent is never nothing", dollars(5_000), "<$0.01"},
		{"half a cent is even", dollars(15_000), "$0.02"},
		{"half a cent is even", dollars(25_000), "$0.02"},
		{"to the nearest cent", dollars(25_001), "$0.03"},
		{"to the nearest dollar", dollars(999_995_001), "$1,000.00"},
		{"no price", cost(0, 0, 5), "?"},
		{"a part has no price", cost(2_460_000, 1, 5), "$2.46+?"},
		{"percent", percent(342, 1000), "34%"},
		{"hardly any", percent(1, 1000), "<1%"},
		{"nearly all", percent(999_999, 1_000_000), "99%"},
		{"all", percent(7, 7), "100%"},
		{"none", percent(0, 7), "0%"},
		{"of nothing", percent(0, 0), ""},
		{"percent of much", percent(math.MaxInt64/2, math.MaxInt64), "50%"},
		{"more", change(151, 100), "+51%"},
		{"less", change(92, 100), "-8%"},
		{"as much", change(1000, 1001), "0%"},
		{"gone", change(0, 100), "-100%"},
		{"nothing before", change(5, 0), ""},
		{"cached", cached(usage.Tokens{Input: 303_355, CacheRead: 14_707_054, CacheWrite5m: 341_956, Output: 135_198}), "96%"},
		{"cached of nothing", cached(usage.Tokens{Output: 5}), ""},
		{"a million", perMillion(Style{}, 133_430_000, 144_738_249), "$0.92"},
		{"a million of nothing", perMillion(Style{}, 0, 0), ""},
		{"bytes", size(812), "812 B"},
		{"bytes", size(1_100), "1.1 kB"},
		{"bytes", size(2_000_000), "2 MB"},
		{"bytes", size(38_200_000), "38 MB"},
		{"bytes", size(999_600), "1 MB"},
		{"bytes", size(1_900_000_000), "1.9 GB"},
		{"bytes", ofBytes(2_200_000_000, 4_300_000_000), "2.2 of 4.3 GB"},
		{"bytes", ofBytes(900_000, 4_300_000_000), "900 kB of 4.3 GB"},
		{"one", plural(1, "day"), "1 day"},
		{"many", plural(1204, "day"), "1,204 days"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

func TestTimes(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	tests := []struct{ what, got, want string }{
		{"never", age(time.Time{}, sampleNow), ""},
		{"now", age(at("2026-11-23 14:31:30"), sampleNow), "just now"},
		{"a clock that is ahead", age(at("2026-11-23 15:00:00"), sampleNow), "23 Nov"},
		{"minutes", age(at("2026-11-23 14:20:00"), sampleNow), "12 min ago"},
		{"hours", age(at("2026-11-23 12:31:59"), sampleNow), "2 h ago"},
		{"earlier today", age(at("2026-11-23 00:10:00"), sampleNow), "today"},
		{"yesterday", age(at("2026-11-22 23:50:00"), sampleNow), "yesterday"},
		{"this year", age(at("2026-11-03 10:00:00"), sampleNow), "3 Nov"},
		{"another year", age(at("2025-11-23 10:00:00"), sampleNow), "23 Nov 2025"},
		{"today by the clock", clock(at("2026-11-23 09:05:00"), sampleNow), "09:05"},
		{"yesterday by the clock", clock(at("2026-11-22 09:05:00"), sampleNow), "yesterday"},
		{"a moment", lasted(20 * time.Second), "<1 m"},
		{"minutes", lasted(44*time.Minute + 59*time.Second), "44 m"},
		{"hours", lasted(3*time.Hour + 4*time.Minute), "3 h 04 m"},
		{"a day and a half", lasted(36 * time.Hour), "36 h 00 m"},
		{"days", lasted(6*24*time.Hour + time.Hour), "6 days"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

func TestNames(t *testing.T) {
	tests := []struct{ what, got, want string }{
		{"nothing recorded", name(""), "(none)"},
		{"an escape", name("a\x1b[31mb"), `a\u{1b}[31mb`},
		{"a direction mark", name("a\u202eb"), `a\u{202e}b`},
		{"no width", name("a\u200bb\ufeff"), `a\u{200b}b\u{feff}`},
		{"a control of eight bits", name("a\u009bb"), `a\u{9b}b`},
		{"not UTF-8", name("a\xffb"), "a\ufffdb"},
		{"letters of the world", name("日本 über e\u0301"), "日本 über e\u0301"},
		{"cut at its end", Style{}.cutEnd("claude-sonnet-4-5", 16), "claude-sonnet-4…"},
		{"cut at its end, plain", Style{ASCII: true}.cutEnd("claude-sonnet-4-5", 16), "claude-sonnet-4~"},
		{"wide letters are not halved", Style{}.cutEnd("日本語プロ", 6), "日本…"},
		{"a path", Style{}.cutMiddle("~/.local/share/opencode/opencode.db", 26), "~/.local/shar…/opencode.db"},
		{"a path with a long end", Style{}.cutMiddle("~/a/rollout-2026-11-20T10-00-00.jsonl", 12), "~/a/rollout…"},
		{"a path that fits", Style{}.cutMiddle("~/a", 12), "~/a"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}
