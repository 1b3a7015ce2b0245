package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// DefaultSite is the one origin the client talks to unless it is told another.
const DefaultSite = "https://tokenflex.ing"

// Site is the origin that everything is sent to: scheme and host, no path. Only ParseSite makes one.
type Site struct{ origin string }

// ParseSite accepts an https origin, or an http one on a loopback address. An empty string is DefaultSite.
func ParseSite(s string) (Site, error) {
	if s == "" {
		s = DefaultSite
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Site{}, fmt.Errorf("%q is not a site; write one like %s", s, DefaultSite)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	default:
		return Site{}, fmt.Errorf("%q is not https, so nothing is sent to it", s)
	}
	return Site{u.Scheme + "://" + strings.ToLower(u.Host)}, nil
}

// String is the origin, such as https://tokenflex.ing.
func (s Site) String() string { return s.origin }

// Name is the origin as people say it: without the scheme.
func (s Site) Name() string {
	_, host, _ := strings.Cut(s.origin, "://")
	return host
}

// Loopback reports whether the site is on this machine.
func (s Site) Loopback() bool {
	u, err := url.Parse(s.origin)
	return err == nil && loopback(u.Hostname())
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
