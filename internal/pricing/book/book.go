package book

// Book is a whole price book.
type Book struct {
	Date      string     // YYYY-MM-DD, the day it was put together
	Spellings []Spelling // ways tools and resellers write a model's name
	Moved     []Moved    // names that meant different models at different times
	Unpriced  []Unpriced // names known to have no price, and why
	Models    []Model
}

// Model is one model of one provider, with everything it ever cost, the oldest price first.
type Model struct {
	ID       string // as the provider writes it
	Provider string
	Family   string
	Aliases  []string
	Prices   []Price
	Lines    string // of an Outline: where the prices are
}

// Price is what a model costs from one day on, until the next Price of the same model.
type Price struct {
	From    string // YYYY-MM-DD
	Source  string // the page or data set that was read
	Checked string // YYYY-MM-DD
	Rates   []Rates
}

// Rates is one line of a price, in decimal US dollars per million tokens; "" if the provider lists none of that kind.
type Rates struct {
	Band         int64  // prompt tokens above which it holds
	Tier         string // "" means standard
	Input        string
	CacheRead    string
	CacheWrite5m string
	CacheWrite1h string
	Output       string
}

// Spelling is an anchored form around a model's name: text before or after {model}, in which {date} is a calendar date,
// {n} some digits and {word} letters, digits, '.', '_' or '-'. It holds for the models of the providers in Of; for all if empty.
type Spelling struct {
	Form string
	Of   []string
	Tier string // the tier that the form names; the model must have rates of it
}

// Moved says that a name meant Model from a day on.
type Moved struct {
	Name  string
	From  string // YYYY-MM-DD
	Model string
}

// Unpriced is a name that is known and has no price.
type Unpriced struct {
	Name   string
	Reason string
}
