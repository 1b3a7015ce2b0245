package e2e

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"tokenflex.ing/internal/samplehome"
)

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// The screens of pairing and syncing hold what a site says, so they have no golden files: they are held to the width
// of the terminal, plain and coloured, and to say the same in both.
func TestPairingAndSyncFitTheTerminal(t *testing.T) {
	h := serve(t)
	mira := h.arrive("mira")
	for _, width := range []int{40, 60, 80, 120, 200} {
		m := newMachine(t, h.site)
		if _, err := samplehome.Write(m.home, samplehome.Options{Seed: 5, Until: time.Now(), Days: 10, Sessions: 1}); err != nil {
			t.Fatal(err)
		}
		m.env = append(m.env, fmt.Sprintf("COLUMNS=%d", width))
		said := make(map[string]string)
		if width == 40 { // the narrowest; each takes the five seconds that a site asks to wait between polls
			said["login"] = m.login(0, func(code string) {
				mira.post("/device/decide", url.Values{"user_code": {code}, "decision": {"approve"}})
			})
		} else {
			said["login --token-stdin"] = m.runIn(h.admin("token", "mira", "--device", fmt.Sprintf("studio-%d", width))+"\n", 0, "login", "--token-stdin")
		}
		for _, command := range []string{"connect", "sync", "status", "whoami", "--help"} {
			said[command] = m.run(0, command)
		}
		m.env = append(m.env, "CLICOLOR_FORCE=1")
		for _, command := range []string{"status", "whoami", "--help"} {
			if coloured := escapes.ReplaceAllString(m.run(0, command), ""); coloured != said[command] {
				t.Errorf("%s at %d columns says something else in colour:\n%s\n%s", command, width, coloured, said[command])
			}
		}
		said["logout"] = m.run(0, "logout")
		for command, text := range said {
			for line := range strings.Lines(escapes.ReplaceAllString(text, "")) {
				line = strings.TrimRight(line, "\n")
				if w := uniseg.StringWidth(line); w > width && !strings.Contains(line, "://") { // an address is never broken
					t.Errorf("%s at %d columns has a line of %d: %s", command, width, w, line)
				}
			}
		}
	}
}
