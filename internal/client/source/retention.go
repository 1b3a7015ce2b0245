package source

import (
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Retention is after how long a tool deletes what it left, and where its user says otherwise. The zero one is that of a tool which
// deletes nothing, or of which it is not known.
type Retention struct {
	Days int // by default
	// Managed are files of settings that count more than the user's, the most first, written as roots are. "*" stands for any name in a
	// folder, of which the last counts most.
	Managed []string
	// Settings are files in the tool's own folder that the user has settings in, the one that counts most first.
	Settings []string
	// Said takes what a file of settings says, JSON without comments: after how many days the tool deletes, 0 for never.
	Said func(w *jsonwalk.Walker) (days int, said bool)
	// Longer is what to write into the settings to keep everything.
	Longer string
	// Trimmed says what the tool deletes of the files of the name Within, whatever is set, as a sentence. The others it leaves alone.
	Trimmed string
	Within  string
}

// maxRetention is the most days that are believed.
const maxRetention = 1_000_000

// claudeRetention reads cleanupPeriodDays. Zero, which no version takes for a time, says nothing.
func claudeRetention(w *jsonwalk.Walker) (days int, said bool) {
	for key := range w.Members {
		if string(key) == "cleanupPeriodDays" {
			n := w.Count()
			days, said = int(min(n, maxRetention)), n > 0
		}
	}
	return days, said
}

// geminiRetention reads general.sessionRetention. A time that Gemini CLI does not understand keeps it from deleting anything.
func geminiRetention(w *jsonwalk.Walker) (days int, said bool) {
	off := false
	within(w, "general", func() {
		within(w, "sessionRetention", func() {
			for key := range w.Members {
				switch string(key) {
				case "enabled":
					off = !w.True()
				case "maxAge":
					days, said = geminiPeriod(string(w.Text())), true
				}
			}
		})
	})
	if off {
		return 0, true
	}
	return days, said
}

// within calls take in front of the value that a key of the object ahead has.
func within(w *jsonwalk.Walker, name string, take func()) {
	for key := range w.Members {
		if string(key) == name {
			take()
		}
	}
}

// geminiPeriod is a time like 24h, 30d, 2w or 1m in days, rounded up; 0 for anything else.
func geminiPeriod(text string) int {
	hours := map[byte]int{'h': 1, 'd': 24, 'w': 7 * 24, 'm': 30 * 24}
	if text == "" {
		return 0
	}
	each := hours[strings.ToLower(text)[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 31)
	if err != nil || each == 0 {
		return 0
	}
	return min((int(n)*each+23)/24, maxRetention)
}
