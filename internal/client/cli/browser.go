package cli

import (
	"net/url"
	"os/exec"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/wire"
)

// openBrowser opens the page of the code, where there is a screen to open it on and somebody at the terminal.
// Nothing is said if it fails: the address is on the screen.
func (a *App) openBrowser(site config.Site, code wire.DeviceCode) {
	if !a.outTerminal() {
		return
	}
	page := code.VerificationURIComplete
	if !sameSite(site, page) {
		page = code.VerificationURI
	}
	var args []string
	switch {
	case a.GOOS == "darwin":
		args = []string{"open", page}
	case a.GOOS == "windows":
		args = []string{"rundll32", "url.dll,FileProtocolHandler", page}
	case a.Getenv("DISPLAY") != "" || a.Getenv("WAYLAND_DISPLAY") != "":
		args = []string{"xdg-open", page}
	default:
		return
	}
	c := exec.Command(args[0], args[1:]...)
	if c.Start() == nil {
		go c.Wait() // some openers stay as long as the browser does
	}
}

// sameSite reports whether an address the site gave is its own: nobody is sent elsewhere to sign in. One machine's loopback
// names count as one.
func sameSite(site config.Site, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	given, err := config.ParseSite(u.Scheme + "://" + u.Host)
	return err == nil && (given == site || given.Loopback() && site.Loopback())
}
