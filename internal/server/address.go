package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// address is where a request came from, as coarse as its use allows.
type address struct {
	subject string // of limits: an IPv4 address, or the /64 of an IPv6 one, which is one customer
	network string // /24 or /48: what is logged and compared
}

// addressOf returns the client's address. X-Forwarded-For is believed as far as trusted proxies wrote it.
func (s *Server) addressOf(r *http.Request) address {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return address{"unknown", "unknown"}
	}
	at := peer.Addr().Unmap()
	if !s.trusts(at) {
		return coarse(at.WithZone(""))
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(at); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap()
	}
	return coarse(at.WithZone(""))
}

// parseHop reads an address as proxies write it: some put the port behind it, and one of IPv6 in brackets.
func parseHop(text string) (netip.Addr, error) {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr(), nil
	}
	return netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func coarse(a netip.Addr) address {
	one, many := 32, 24
	if a.Is6() {
		one, many = 64, 48
	}
	return address{prefix(a, one), prefix(a, many)}
}

func prefix(a netip.Addr, bits int) string {
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
