package wire

// Usage is the body of POST /api/v1/usage: the state of a device's days, not a change to them.
type Usage struct {
	V       int            `json:"v"`       // 1
	SyncID  string         `json:"sync_id"` // a UUIDv7
	Seq     int64          `json:"seq"`     // grows with every upload of a device; microseconds since 1970 unless the last was later
	Mode    Mode           `json:"mode"`
	Client  Client         `json:"client"`
	Parsers map[string]int `json:"parsers"` // revision of the parser that read each source
	Rows    []Day          `json:"rows"`
	// Sketches are of cells that the rows name, of each at most one.
	Sketches []Sketch `json:"sketches,omitempty"`
}

// Sketch tells how much of a cell, which is a day of a source, two devices of one account have in common, and nothing else without
// the account's key: Me.SketchKey.
type Sketch struct {
	Day    string `json:"day"`
	Source string `json:"source"`
	// Marks are the smallest MaxMarks of all the marks of the cell's responses, rising. A mark is the beginning of an
	// HMAC-SHA-256 of what names a response, and takes MarkSize characters of base64 for URLs.
	Marks string `json:"marks"`
}

// Mode says how rows meet what the server has.
type Mode string

const (
	// Max writes a row only where it holds more tokens than the stored one.
	Max Mode = "max"
	// Replace makes the request the whole truth for every (source, day) it names.
	Replace Mode = "replace"
)

// Client names the program that sent the request.
type Client struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	OS      string `json:"os"`
}

// Day is one claimed row. It has no money and no free text but the model's name: what must not leave has no field to leave in.
type Day struct {
	Day          string `json:"day"` // UTC calendar date, YYYY-MM-DD
	Source       string `json:"source"`
	Model        string `json:"model"`
	Band         int64  `json:"band"` // prompt tokens: 0, 32000, 100000, 128000, 200000, 256000, 272000 or 512000
	Tier         string `json:"tier"` // standard, fast, priority, flex or batch
	Requests     int64  `json:"requests"`
	Input        int64  `json:"input"`
	CacheRead    int64  `json:"cache_read"`
	CacheWrite5m int64  `json:"cache_write_5m"`
	CacheWrite1h int64  `json:"cache_write_1h"`
	Output       int64  `json:"output"`
	Reasoning    int64  `json:"reasoning"` // part of output
}

// Receipt answers a Usage.
type Receipt struct {
	SyncID         string   `json:"sync_id"`
	Written        int      `json:"written"`
	Unchanged      int      `json:"unchanged"`
	Held           []Held   `json:"held"`
	UnpricedModels []string `json:"unpriced_models"`
	Today          Sum      `json:"today"`
	// Total is everything this user has on the server, all devices, held days excluded.
	Total Sum `json:"total"`
	// DeviceTotal is everything this device has on the server, held days included: what its client can compare with its own sum.
	DeviceTotal Sum `json:"device_total"`
	// Board is where a public account with usage of this month stands, after this upload.
	Board       *Places `json:"board,omitempty"`
	NextSyncS   int     `json:"next_sync_after_s"`
	ClockSkewS  int     `json:"clock_skew_s,omitempty"`
	PricingETag string  `json:"pricing_etag"`
}

// Places are where an account stands on the boards of tokens.
type Places struct {
	Month Place `json:"month"`
}

// Place is one place on a board.
type Place struct {
	Rank int64 `json:"rank"` // ties share one
	Of   int64 `json:"of"`   // lines on the board
}

// Held is a day that was stored but waits for review: shown to its owner, counted nowhere public.
type Held struct {
	Day    string `json:"day"`
	Source string `json:"source"`
	Reason string `json:"reason"`
	Line   int64  `json:"line"` // the review line it passed
	// Copy is there where the reason is copy.
	Copy *Copy `json:"copy,omitempty"`
}

// Copy says whose part of a day it is that another device of the account has too.
type Copy struct {
	Device   string `json:"device"`
	Original string `json:"original"`        // the device on which it counts
	Share    int    `json:"share,omitempty"` // percent of it that both have, as sketches tell; absent: all, as the counts tell
}

// Sum is tokens and their cost.
type Sum struct {
	Tokens         int64 `json:"tokens"`
	CostUUSD       int64 `json:"cost_uusd"` // micro-dollars
	UnpricedTokens int64 `json:"unpriced_tokens"`
}
