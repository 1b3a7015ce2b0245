package source

// WorkBuddy: CodeBuddy's lines. Its database tells how full the context is, which is no usage.
var workBuddy = Source{
	ID:       "workbuddy",
	Name:     "WorkBuddy",
	Places:   []Place{{Roots: []string{"~/.workbuddy", "~/.workbuddy-ai"}, Files: []string{"projects/*/*.jsonl"}}},
	Read:     readCodeBuddy,
	Settle:   settleBeside,
	Quality:  "exact",
	Revision: 1,
}
