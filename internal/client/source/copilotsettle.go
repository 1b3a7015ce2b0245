package source

import (
	"slices"
	"strings"
	"time"
)

// copilotTraced marks spans of the database that an editor's extension keeps.
const copilotTraced = Main

// copilotAccount is a model that a session used, as all stores name it. An empty model stands for all of them.
type copilotAccount struct{ session, model string }

// settleCopilot keeps what tells a response best. Exported lines repeat each other, alone and in sums; the stores of the
// CLI repeat each other by session and model; the chats of VS Code repeat the spans of the same editor, since it keeps any.
func settleCopilot(parts []Part) []Entry {
	traced := make(map[string]time.Time) // first span, by editor
	for _, p := range parts {
		for _, e := range p.Entries {
			if first, ok := traced[e.Request]; e.Marks.Has(copilotTraced) && !e.Time.IsZero() && (!ok || e.Time.Before(first)) {
				traced[e.Request] = e.Time
			}
		}
	}
	entries := finestSpans(Distinct(parts))
	best := make(map[copilotAccount]int)
	for _, e := range entries {
		rank, account := copilotRank(e), accountOf(e)
		if known, ok := best[account]; !ok || rank < known {
			best[account] = rank
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool {
		if strings.HasPrefix(e.ID, copilotRequest) {
			first, ok := traced[e.Request]
			return ok && !e.Time.Before(first)
		}
		account := accountOf(e)
		whole, ok := best[copilotAccount{account.session, ""}]
		return account.session != "" && (copilotRank(e) > best[account] || ok && copilotRank(e) > whole)
	})
}

// copilotRank orders the stores of the CLI, the finest first.
func copilotRank(e Entry) int {
	return slices.IndexFunc([]string{copilotRow, copilotSpan, copilotEnd, copilotMessage, copilotRequest}, func(prefix string) bool {
		return strings.HasPrefix(e.ID, prefix)
	})
}

// accountOf returns the session and the model of an entry. Spans name snapshots, "claude-sonnet-4-5-20250929", of what other
// stores name as people do, "claude-sonnet-4.5".
func accountOf(e Entry) copilotAccount {
	model := strings.ReplaceAll(strings.ToLower(e.Model), ".", "-")
	if i := strings.LastIndexByte(model, '-'); i > 0 && len(model)-i == len("-20250929") && digits([]byte(model[i+1:])) >= 0 {
		model = model[:i]
	}
	if model == copilotUnknown {
		model = ""
	}
	return copilotAccount{e.Session, model}
}

// finestSpans drops the exported lines whose trace or response a finer one tells of.
func finestSpans(entries []Entry) []Entry {
	finest := make(map[string]string) // rank by trace or response
	for _, e := range entries {
		for _, of := range spanNames(e) {
			if rank, ok := finest[of]; !ok || spanRank(e) < rank {
				finest[of] = spanRank(e)
			}
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool {
		return slices.ContainsFunc(spanNames(e), func(of string) bool { return spanRank(e) > finest[of] })
	})
}

func spanRank(e Entry) string {
	rank, _, _ := strings.Cut(strings.TrimPrefix(e.ID, copilotSpan), ":")
	return rank
}

// spanNames returns what a line may share with others that repeat it.
func spanNames(e Entry) (names []string) {
	rest, ok := strings.CutPrefix(e.ID, copilotSpan)
	if !ok {
		return nil
	}
	_, rest, _ = strings.Cut(rest, ":")
	if trace, _, _ := strings.Cut(rest, ":"); trace != "" {
		names = append(names, "trace "+trace)
	}
	if e.Request != "" && !e.Marks.Has(copilotTraced) {
		names = append(names, "response "+e.Request)
	}
	return names
}
