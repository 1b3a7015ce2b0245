package server

import "strings"

// agent is what a browser says it is, as roughly as its owner needs to know it again: "Firefox on Linux". The rest of what
// it says is not kept.
func agent(said string) string {
	browser, system := first(said, browsers), first(said, systems)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// browsers and systems are words of a User-Agent and what they tell, the narrower word first: every browser also claims to
// be those before it.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi", "Vivaldi"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"},
		{"Chromium", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"},
		{"OpenBSD", "OpenBSD"}, {"FreeBSD", "FreeBSD"}, {"Linux", "Linux"}}
)

func first(said string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(said, w[0]) {
			return w[1]
		}
	}
	return ""
}
