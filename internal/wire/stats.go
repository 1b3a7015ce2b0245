package wire

// Stats answers GET /api/v1/stats: what everybody used who may be counted in public.
type Stats struct {
	Period       Period      `json:"period"`
	AsOf         string      `json:"as_of"`
	MinUsers     int         `json:"min_users"`     // accounts in aggregate mode that a cell needs before it holds any
	WinsorisedAt float64     `json:"winsorised_at"` // share of a cell's accounts: nobody adds more to it than the one at it
	Total        StatsCell   `json:"total"`
	Sources      []StatsCell `json:"sources"`
	Families     []StatsCell `json:"families"`
}

// StatsCell is one sum of Stats.
type StatsCell struct {
	Name      string `json:"name,omitempty"`
	Users     int64  `json:"users"`
	Tokens    int64  `json:"tokens"`
	CostUUSD  int64  `json:"cost_uusd"` // of those who show their cost
	Aggregate bool   `json:"aggregate"` // accounts in aggregate mode are in it; if not, public ones alone
}

// Repricings answers GET /api/v1/repricings: what changed when the server's price book did, the latest first.
type Repricings struct {
	Items []Repricing `json:"items"`
}

// Repricing is one change of the book.
type Repricing struct {
	From       []string       `json:"from"` // dates of the books before
	To         string         `json:"to"`
	StartedAt  string         `json:"started_at"`
	FinishedAt string         `json:"finished_at,omitempty"` // empty: it goes on
	Accounts   int64          `json:"accounts"`              // that have rows of an older book
	Moved      int64          `json:"moved"`                 // of those, whose cost changed
	Models     []string       `json:"models"`                // whose rows cost something else now
	Lines      []RepricedLine `json:"lines"`                 // of public accounts that show their cost
}

// RepricedLine is one public account that moved.
type RepricedLine struct {
	Handle     string `json:"handle"`
	Rows       int64  `json:"rows"`
	BeforeUUSD int64  `json:"before_uusd"` // cost of the rows by the older books
	AfterUUSD  int64  `json:"after_uusd"`
}

// Erase is the body of DELETE /api/v1/me: the account's own handle, so that nobody erases it by mistake.
type Erase struct {
	Confirm string `json:"confirm"`
}
