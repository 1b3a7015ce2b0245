package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Droid, of Factory: beside every transcript a document of settings with what the session has used so far, under the model
// it has now. Cached tokens are apart. The settings are written again as the session goes on, so it lies on the day of that:
// the time in them is when the provider was chosen. Thinking is taken to be inside the output unless it is more than that.
var droid = Source{
	ID:   "droid",
	Name: "Droid",
	Places: []Place{
		{
			Env:   []Env{{Name: "FACTORY_DIR"}},
			Roots: []string{"~/.factory"},
			Files: []string{"sessions/**/*.settings.json"},
		},
		{
			Env:   []Env{{Name: "DROID_SESSIONS_DIR"}},
			Files: []string{"**/*.settings.json"},
		},
	},
	Read:     readDroid,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  SessionTotal,
	Revision: 1,
}

func readDroid(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	var model, provider string
	var locked time.Time
	var n fourCounts
	var thinking, total int64
	for key := range w.Members {
		switch string(key) {
		case "model":
			model = trimmed(w.Text())
		case "providerLock":
			provider = trimmed(w.Text())
		case "providerLockTimestamp":
			locked = when(w)
		case "tokenUsage":
			counts(w, map[string]*int64{"inputTokens": &n.input, "outputTokens": &n.output, "cacheReadTokens": &n.read,
				"cacheCreationTokens": &n.write, "thinkingTokens": &thinking, "totalTokens": &total})
		}
	}
	ended(f, w)
	session := strings.TrimSuffix(path.Base(f.Path()), ".settings.json")
	e := Entry{Record: usage.Record{ID: session, Model: droidModel(model, provider), Time: f.Modified(), Tokens: reasoned(n.tokens(), thinking)}, Marks: Sum | Local}
	if locked.After(e.Time) {
		e.Time = locked
	}
	if e.Tokens.IsZero() {
		e.Tokens.Input, e.Marks = total, e.Marks|Coarse
	}
	if !w.Broken() && c.believes(append(n.all(), thinking, total)...) {
		c.add(e)
	}
	c.part.Session = session
	return c.end(session, droidProject(f.Path()))
}

// droidModel returns the plain name of a model that a person gave a title: "custom:Claude-Opus-4.5-[Anthropic]-0".
func droidModel(title, provider string) string {
	var name []byte
	depth := 0
	for _, c := range []byte(strings.ToLower(strings.TrimPrefix(title, "custom:"))) {
		if c == '.' || c == ' ' {
			c = '-'
		}
		switch {
		case c == '[':
			depth = 1
		case c == ']' && depth > 0:
			depth = 0
		case depth > 0 || c == '-' && (len(name) == 0 || name[len(name)-1] == '-'):
		default:
			name = append(name, c)
		}
	}
	switch plain := strings.TrimRight(string(name), "-"); {
	case plain != "":
		return plain
	case provider != "":
		return provider + "-" + unknownModel
	}
	return unknownModel
}

// droidProject returns the folder that a session lies in, which is named after the project; some lie in none.
func droidProject(file string) string {
	if folder := path.Base(path.Dir(file)); folder != "sessions" && folder != "." {
		return folder
	}
	return ""
}
