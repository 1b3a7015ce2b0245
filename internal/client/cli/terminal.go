package cli

import (
	"os"
	"strconv"

	"golang.org/x/term"
)

// outTerminal reports whether a person sees standard output as it is written.
func (a *App) outTerminal() bool { return terminal(a.Out) }

// errTerminal reports whether a line on standard error can be written anew.
func (a *App) errTerminal() bool { return terminal(a.Err) && a.Getenv("TERM") != "dumb" }

func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is how wide text may be: standard output's terminal, else COLUMNS, else the terminal of another stream, else 80.
// So what is piped into a pager is laid out for the screen it will be seen on.
func (a *App) width() int {
	if n := columns(a.Out); n > 0 {
		return n
	}
	if n, err := strconv.Atoi(a.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	for _, stream := range []any{a.Err, a.In} {
		if n := columns(stream); n > 0 {
			return n
		}
	}
	return 80
}

func columns(stream any) int {
	if !terminal(stream) {
		return 0
	}
	n, _, err := term.GetSize(int(stream.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return n
}

// color reports whether text may hold escapes: NO_COLOR and --no-color win, then CLICOLOR_FORCE, then the terminal.
func (a *App) color(off bool) bool {
	switch {
	case off || a.Getenv("NO_COLOR") != "":
		return false
	case a.Getenv("CLICOLOR_FORCE") != "" && a.Getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return a.outTerminal() && a.Getenv("TERM") != "dumb"
}

// ascii reports whether only plain characters may be drawn: asked for, or the terminal knows no others.
func (a *App) ascii(asked bool, s settings) bool {
	if asked || s.Glyphs == "ascii" {
		return true
	}
	if t := a.Getenv("TERM"); t == "dumb" || t == "linux" {
		return true
	}
	return a.GOOS != "windows" && a.GOOS != "darwin" && !utf8Locale(a.Getenv)
}
