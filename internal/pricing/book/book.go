package book

// Book is a whole price book.
type Book struct {
	Date      string     `json:"date"`      // YYYY-MM-DD, the day it was put together
	Spellings []Spelling `json:"spellings"` // ways tools and resellers write a model's name
	Moved     []Moved    `json:"moved"`     // names that meant different models at different times
	Unpriced  []Unpriced `json:"unpriced"`  // names known to have no price, and why
	Models    []Model    `json:"models"`
}

// Model is one model of one provider, with everything it ever cost, the oldest price first.
type Model struct {
	ID       string   `json:"id"` // as the provider writes it
	Provider string   `json:"provider"`
	Family   string   `json:"family"`
	Aliases  []string `json:"aliases,omitempty"`
	Prices   []Price  `json:"prices"`
}

// Price is what a model costs from one day on, until the next Price of the same model.
type Price struct {
	From    string  `json:"from"`    // YYYY-MM-DD
	Source  string  `json:"source"`  // the page or data set that was read
	Checked string  `json:"checked"` // YYYY-MM-DD
	Rates   []Rates `json:"rates"`
}

// Rates is one line of a price, in decimal US dollars per million tokens; "" if the provider lists none of that kind.
type Rates struct {
	Band         int64  `json:"band,omitempty"` // prompt tokens above which it holds
	Tier         string `json:"tier,omitempty"` // "" means standard
	Input        string `json:"input"`
	CacheRead    string `json:"cache_read,omitempty"`
	CacheWrite5m string `json:"cache_write_5m,omitempty"`
	CacheWrite1h string `json:"cache_write_1h,omitempty"`
	Output       string `json:"output"`
}

// Spelling is an anchored form around a model's name: text before or after {model}, in which {date} is a calendar date,
// {n} some digits and {word} letters, digits, '.', '_' or '-'. It holds for the models of the providers in Of; for all if empty.
type Spelling struct {
	Form string   `json:"form"`
	Of   []string `json:"of,omitempty"`
	Tier string   `json:"tier,omitempty"` // the tier that the form names; the model must have rates of it
}

// Moved says that a name meant Model from a day on.
type Moved struct {
	Name  string `json:"name"`
	From  string `json:"from"` // YYYY-MM-DD
	Model string `json:"model"`
}

// Unpriced is a name that is known and has no price.
type Unpriced struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}
