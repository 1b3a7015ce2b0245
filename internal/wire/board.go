package wire

// Leaderboard answers GET /api/v1/leaderboard.
type Leaderboard struct {
	Period     Period      `json:"period"`
	Final      bool        `json:"final"`  // the period is closed: nothing but an account that leaves moves its lines
	AsOf       string      `json:"as_of"`  // RFC 3339, UTC
	Metric     string      `json:"metric"` // tokens, cost, output, active_days or streak
	Items      []BoardItem `json:"items"`
	NextCursor string      `json:"next_cursor,omitempty"`
	Ranked     int64       `json:"ranked"`           // lines on the whole board
	Totals     *Totals     `json:"totals,omitempty"` // of everybody who may be counted in public; absent while a long board is added up for the first time
}

// Period is a span of UTC days, both inside it.
type Period struct {
	Name string `json:"name"` // day, week, month, year, all, 7d, 30d, or 2026, 2026-11, 2026-W47, 2026-11-23
	From string `json:"from"`
	To   string `json:"to"`
}

// BoardItem is one line of a board. Ties share a rank. What an account hides is null.
type BoardItem struct {
	Rank           int64    `json:"rank"`
	Handle         string   `json:"handle"`
	Name           string   `json:"name"`  // that the account gave itself; empty: none
	Value          int64    `json:"value"` // of the metric: tokens, micro-dollars or days
	Tokens         int64    `json:"tokens"`
	CostUUSD       *int64   `json:"cost_uusd"`
	UnpricedTokens *int64   `json:"unpriced_tokens"`
	TopModel       string   `json:"top_model,omitempty"`
	ActiveDays     *int     `json:"active_days"`
	Streak         *int     `json:"streak"` // days in a row, inside the period
	Hidden         []string `json:"hidden"` // cost, models, sources, days
}

// MyRank answers GET /api/v1/leaderboard/me: where the token's account stands, or would while it is not public.
type MyRank struct {
	Period     Period      `json:"period"`
	AsOf       string      `json:"as_of"`
	Metric     string      `json:"metric"`
	Public     bool        `json:"public"` // the line is on the board; if not, the rank is the one it would have
	Rank       int64       `json:"rank"`
	Ranked     int64       `json:"ranked"`     // lines on the whole board, this one included
	Percentile float64     `json:"percentile"` // share of the other lines that stand below, 0 to 100
	Value      int64       `json:"value"`
	Above      []BoardItem `json:"above"` // up to three lines right before, the nearest last
	Below      []BoardItem `json:"below"` // up to three lines right after, the nearest first
}

// Totals is a sum by kind of token. What an account hides is null.
type Totals struct {
	Requests       int64   `json:"requests"`
	Input          int64   `json:"input"`
	CacheRead      int64   `json:"cache_read"`
	CacheWrite5m   int64   `json:"cache_write_5m"`
	CacheWrite1h   int64   `json:"cache_write_1h"`
	Output         int64   `json:"output"`
	Reasoning      int64   `json:"reasoning"`
	Tokens         int64   `json:"tokens"`
	CostUUSD       *int64  `json:"cost_uusd"`
	USD            *string `json:"usd"` // the same, for reading: "12.345678"
	UnpricedTokens *int64  `json:"unpriced_tokens"`
}

// Profile answers GET /api/v1/users/{handle}.
type Profile struct {
	Handle     string        `json:"handle"`
	Name       string        `json:"name"`            // that the account gave itself; empty: none
	Since      string        `json:"since,omitempty"` // first active day
	Totals     Totals        `json:"totals"`
	ActiveDays *int          `json:"active_days"`
	Streak     *int          `json:"streak"`      // days in a row up to today or yesterday
	BestStreak *int          `json:"best_streak"` // days
	Hidden     []string      `json:"hidden"`      // what the account keeps back: cost, models, sources, days
	Sources    []ProfilePart `json:"sources"`
	Models     []ProfilePart `json:"models"`
}

// ProfilePart is one source's or model's share of a profile.
type ProfilePart struct {
	Name           string `json:"name"`
	Tokens         int64  `json:"tokens"`
	CostUUSD       *int64 `json:"cost_uusd"`
	UnpricedTokens *int64 `json:"unpriced_tokens"`
}

// ProfileDays answers GET /api/v1/users/{handle}/days.
type ProfileDays struct {
	Handle string       `json:"handle"`
	From   string       `json:"from"`
	To     string       `json:"to"`
	Items  []ProfileDay `json:"items"`
}

// ProfileDay is what one tool used of one model on one day, over all devices.
type ProfileDay struct {
	Day    string `json:"day"` // the Monday of the week, where exact days are hidden
	Source string `json:"source"`
	Model  string `json:"model"`
	Totals
}
