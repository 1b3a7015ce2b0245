package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	outboundTime = 5 * time.Second
	maxOutbound  = 2 << 20 // bytes of one answer
)

var (
	errPrivate  = errors.New("the address is private, and the sign-in is not set up as private")
	errScheme   = errors.New("only https is dialled outside of loopback")
	errTooLarge = errors.New("the answer is longer than 2 MiB")
)

// newClient returns what dials a provider: five seconds for an answer of 2 MiB at most, no redirect and no proxy. It
// refuses addresses that are not public, whatever name leads to them, unless the host meant them: by private, or by
// writing one, or localhost, into the provider's own address.
func newClient(base *url.URL, private bool) *http.Client {
	own, loopback := literal(base.Hostname())
	guard := &net.Dialer{Timeout: outboundTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		ip := at.Addr().Unmap().WithZone("")
		if private || isPublic(ip) || ip == own || loopback && ip.IsLoopback() {
			return nil
		}
		return fmt.Errorf("%w: %s", errPrivate, ip)
	}}
	t := &http.Transport{
		DialContext:         guard.DialContext,
		TLSHandshakeTimeout: outboundTime, ResponseHeaderTimeout: outboundTime, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Timeout:       outboundTime,
		Transport:     bounded{t, own.IsLoopback() || loopback},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// literal reads the host of an address that names no other machine's name.
func literal(host string) (ip netip.Addr, localhost bool) {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, host == "localhost"
	}
	return ip.Unmap().WithZone(""), false
}

// notPublic are the ranges that the address's own methods do not know.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"),
}

func isPublic(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// bounded cuts answers and refuses to send secrets in clear.
type bounded struct {
	via   http.RoundTripper
	plain bool // http is fine: it does not leave the machine
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !b.plain {
		return nil, errScheme
	}
	answer, err := b.via.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &cutBody{answer.Body, maxOutbound}
	return answer, nil
}

// cutBody fails instead of ending early, so that nobody takes a part for the whole.
type cutBody struct {
	io.ReadCloser
	left int64
}

func (c *cutBody) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// get asks for JSON from a provider.
func get(ctx context.Context, client *http.Client, address, token string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answers %d", answer.StatusCode)
	}
	return body, err
}
