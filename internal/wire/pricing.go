package wire

// Pricing answers GET /api/v1/pricing.
type Pricing struct {
	Version  int     `json:"version"` // of this document: 1
	AsOf     string  `json:"as_of"`   // the book's date
	Currency string  `json:"currency"`
	Models   []Price `json:"models"`
	Book     string  `json:"book"` // the same and the ways names are written, in the format of docs/prices.md
}

// Price is what one model cost from one day on, in decimal dollars per million tokens; an absent rate is "".
type Price struct {
	Model        string   `json:"model"`
	Provider     string   `json:"provider"`
	Aliases      []string `json:"aliases"`
	From         string   `json:"from"`         // YYYY-MM-DD
	To           string   `json:"to,omitempty"` // last day, if a later price replaces it
	Band         int64    `json:"band"`         // prompt tokens above which it holds; 0: always
	Tier         string   `json:"tier"`
	Input        string   `json:"input"`
	CacheRead    string   `json:"cache_read"`
	CacheWrite5m string   `json:"cache_write_5m"`
	CacheWrite1h string   `json:"cache_write_1h"`
	Output       string   `json:"output"`
}
