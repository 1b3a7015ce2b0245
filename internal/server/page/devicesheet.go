package page

import (
	"fmt"
	"html/template"
	"strings"
)

// codeBody is a DeviceCode in words.
type codeBody struct {
	Code   string
	Failed bool
	What   string // went wrong
	Why    string
}

func (v DeviceCode) sheet(Site) sheet {
	b := codeBody{Code: v.Code, Failed: v.Error != CodeFine}
	switch v.Error {
	case CodeUnknown:
		b.What, b.Why = "That code is not waiting for anybody", "It may have a typing slip, be older than ten minutes, or be used already."
		if v.Tries > 0 {
			b.Why += " " + count(int64(v.Tries), "try", "tries") + " left before a pause."
		}
	case CodeExpired:
		b.What, b.Why = "That code has run out", "It works for ten minutes. Start again in the terminal and type the new one."
	case CodeLocked:
		b.What, b.Why = "Too many wrong codes", "Wait a while, then type the code of a terminal that still waits."
		if v.Wait > 0 {
			b.Why = "Try again in " + waitWords(v.Wait) + "."
		}
	}
	title := "Connect a device"
	if b.Failed {
		title = b.What
	}
	return sheet{name: "code", Title: title, Nav: PathConnect, Private: true, Body: b}
}

// compareBody is a DeviceCompare in words.
type compareBody struct {
	Code    string
	Letters []letter
	Spelled string
	Device  string
	Facts   []fact
}

// letter is one letter of a code above its punched column.
type letter struct {
	Dash   bool
	Glyph  string
	Column template.HTML
}

type fact struct {
	Name  string
	Value string
	Bold  bool
}

func (v DeviceCompare) sheet(site Site) sheet {
	b := compareBody{Code: v.Code, Device: v.Device, Spelled: strings.Join(strings.Split(strings.ReplaceAll(v.Code, "-", "–"), ""), " ")}
	b.Spelled = strings.ReplaceAll(b.Spelled, "–", "dash")
	for _, r := range v.Code {
		l := letter{Glyph: string(r), Column: column(r)}
		if r == '-' {
			l.Dash, l.Glyph = true, "–"
		}
		b.Letters = append(b.Letters, l)
	}
	b.Facts = v.facts(site)
	return sheet{name: "compare", Title: "Is this your terminal?", Nav: PathConnect, Private: true, Bare: true, Body: b}
}

func (v DeviceCompare) facts(site Site) []fact {
	system := systemName(v.System)
	if v.Client != "" {
		system = strings.TrimPrefix(system+", tokenflexing "+v.Client, ", ")
	}
	from := "another network than the one you are on"
	if v.SameNetwork {
		from = "the network you are on now"
	}
	facts := []fact{
		{"Device", v.Device, false},
		{"System", system, false},
		{"Asked", ago(v.Asked, site.Now), false},
		{"Time left", clock(v.Expires.Sub(site.Now)), false},
		{"From", from, false},
		{"For account", site.Handle, true},
		{"May", "add and correct your daily counts, read your summary", false},
		{"May not", "change who sees you, see your other devices, close your account", false},
	}
	switch may, mayNot := &facts[len(facts)-2], &facts[len(facts)-1]; {
	case v.Account:
		*may, *mayNot = fact{"May", "for ten minutes, whatever you may: take your data away, close your account, make tokens", true}, fact{}
	case v.Reads:
		may.Value, mayNot.Value = "add and correct your daily counts, read everything that is yours", "change who sees you, close your account"
	}
	shown := facts[:0]
	for _, f := range facts {
		if f.Value != "" {
			shown = append(shown, f)
		}
	}
	return shown
}

// systemName prints Go's name of an operating system as people write it.
func systemName(goos string) string {
	switch goos {
	case "linux":
		return "Linux"
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	case "freebsd":
		return "FreeBSD"
	}
	return goos
}

func (v DeviceDone) sheet(Site) sheet {
	return sheet{name: "done", Title: "Connected", Nav: PathConnect, Private: true, Body: v}
}

// Who says who will see what the device sends.
func (v DeviceDone) Who() string {
	switch v.Visibility {
	case Public:
		return "You are public: what it sends shows on the board and on your page."
	case Aggregate:
		return "Your name appears nowhere; what it sends joins the server's sums."
	}
	return "Nobody sees anything yet: you are private until you say otherwise."
}

func (v DeviceDenied) sheet(Site) sheet {
	return sheet{name: "denied", Title: fmt.Sprintf("%s was turned away", v.Device), Nav: PathConnect, Private: true, Body: v}
}
