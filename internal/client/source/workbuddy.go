package source

// WorkBuddy: CodeBuddy's lines. Its database tells how full the context is, which is no usage.
var workBuddy = Source{
	ID:       "workbuddy",
	Name:     "WorkBuddy",
	Places:   []Place{{Roots: []string{"~/.workbuddy", "~/.workbuddy-ai"}, Files: []string{"projects/*/*.jsonl"}}},
	Read:     readCodeBuddy,
	Settle:   settleBeside,
	Reason:   "its database tells how full the context is, and not what was used",
	Quality:  "exact",
	Revision: 1,
}
