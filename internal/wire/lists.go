package wire

// Models answers GET /api/v1/models: every model that the price book knows.
type Models struct {
	AsOf   string  `json:"as_of"` // the book's date
	Models []Model `json:"models"`
}

// Model is one model under the name its maker gives it.
type Model struct {
	Model    string   `json:"model"`
	Provider string   `json:"provider"`
	Family   string   `json:"family"` // as boards are asked for by it
	Aliases  []string `json:"aliases"`
	From     string   `json:"from"`  // first day that it has a price
	Bands    []int64  `json:"bands"` // prompt tokens above which today's price differs; 0: the price of all other requests
	Tiers    []string `json:"tiers"` // service tiers that have a price of their own today
}

// Sources answers GET /api/v1/sources: the tools that the server knows by name. It takes usage of any other too.
type Sources struct {
	Sources []Source `json:"sources"`
}

// Source is one AI coding tool.
type Source struct {
	Slug             string   `json:"slug"` // as it stands in uploads and as boards are asked for by it
	Name             string   `json:"name"`
	Aliases          []string `json:"aliases"` // slugs that other clients send for it
	Tier             string   `json:"tier"`    // heavy, middle or other: how much of it one person may honestly use a day
	ReviewTokens     int64    `json:"review_tokens"`
	ImpossibleTokens int64    `json:"impossible_tokens"`
}
