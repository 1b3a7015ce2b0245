package report

// Health is how a thing that doctor looked at is.
type Health string

// The three ways it can be.
const (
	Sound Health = "ok"
	Odd   Health = "warn" // nothing is wrong yet, or nothing is missing from the answer
	Wrong Health = "FAIL" // something is missing from every answer, or not safe
)

// Check is one thing that doctor looked at, and the next step where it is not well.
type Check struct {
	Health  Health
	Text    string   // one sentence
	Details []string // a few culprits
	Step    string   // what to do, in words
	Run     string   // or the command that helps
}
