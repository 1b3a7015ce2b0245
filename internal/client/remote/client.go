package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/wire"
)

// Timeout is how long the site has to answer one request.
const Timeout = 10 * time.Second

const maxAnswer = 4 << 20 // bytes of an answer that are read

// Client talks to one site. The zero value cannot be used; make one with New.
type Client struct {
	site  config.Site
	token string
	agent string
	http  *http.Client
}

// New returns a client of the site. token may be empty before signing in; version goes into the User-Agent.
func New(site config.Site, token, version string) *Client {
	return &Client{site: site, token: token, agent: "tokenflexing/" + version, http: &http.Client{
		Timeout: Timeout,
		// No proxy from the environment: the promise is one host, and a proxy is another.
		Transport: &http.Transport{Proxy: nil, ForceAttemptHTTP2: true, TLSHandshakeTimeout: Timeout},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			return fmt.Errorf("%s tried to send the request on to %s", site.Name(), r.URL.Host)
		},
	}}
}

// ErrUnauthorized means that the site does not know the token: it was revoked, has expired, or is another site's.
var ErrUnauthorized = errors.New("the site does not know this device")

// ErrUnreachable is a site that did not answer. Nothing is known to have arrived.
type ErrUnreachable struct {
	Site config.Site
	Err  error
}

func (e *ErrUnreachable) Error() string {
	var timeout interface{ Timeout() bool }
	if errors.As(e.Err, &timeout) && timeout.Timeout() {
		return fmt.Sprintf("%s did not answer in %d s", e.Site.Name(), int(Timeout.Seconds()))
	}
	return fmt.Sprintf("%s cannot be reached: %v", e.Site.Name(), root(e.Err))
}

func (e *ErrUnreachable) Unwrap() error { return e.Err }

// root is the innermost cause: what a person can act on.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// ErrProblem is a refusal by the site.
type ErrProblem struct {
	Site       config.Site
	Problem    wire.Problem
	RetryAfter time.Duration
}

func (e *ErrProblem) Error() string {
	text := e.Problem.Detail
	if text == "" {
		text = e.Problem.Title
	}
	if text == "" {
		text = http.StatusText(e.Problem.Status)
	}
	for _, each := range e.Problem.Errors[:min(1, len(e.Problem.Errors))] {
		text += ": " + each.Pointer + " " + each.Detail
	}
	return fmt.Sprintf("%s refused: %s", e.Site.Name(), text)
}

// PutUsage sends the bytes of one wire.Usage.
func (c *Client) PutUsage(ctx context.Context, body []byte) (wire.Receipt, error) {
	var r wire.Receipt
	err := c.call(ctx, http.MethodPost, wire.PathUsage, "application/json", string(body), &r)
	return r, err
}

// Me asks whom the token speaks for.
func (c *Client) Me(ctx context.Context) (wire.Me, error) {
	var me wire.Me
	err := c.call(ctx, http.MethodGet, wire.PathMe, "", "", &me)
	return me, err
}

// MyDays asks for the rows that the token's device has on the site, of UTC days like 2026-11-01, both included.
func (c *Client) MyDays(ctx context.Context, from, to string) (wire.MyDays, error) {
	var days wire.MyDays
	query := url.Values{"from": {from}, "to": {to}}
	err := c.call(ctx, http.MethodGet, wire.PathMyDays+"?"+query.Encode(), "", "", &days)
	return days, err
}

// ForgetDays has the site delete what the token's device has sent of UTC days like 2026-11-01, both included, of one source or,
// if it is empty, of all.
func (c *Client) ForgetDays(ctx context.Context, from, to, source string) (wire.Forgotten, error) {
	var gone wire.Forgotten
	query := url.Values{"from": {from}, "to": {to}}
	if source != "" {
		query.Set("source", source)
	}
	err := c.call(ctx, http.MethodDelete, wire.PathMyDays+"?"+query.Encode(), "", "", &gone)
	return gone, err
}

// Revoke ends the client's own token. The site answers the same whether it knew the token or not.
func (c *Client) Revoke(ctx context.Context) error {
	form := url.Values{"token": {c.token}, "client_id": {wire.ClientID}}
	return c.call(ctx, http.MethodPost, wire.PathRevoke, formType, form.Encode(), nil)
}

const formType = "application/x-www-form-urlencoded"

// call sends one request and decodes the answer into out, unless out is nil.
func (c *Client) call(ctx context.Context, method, path, contentType, body string, out any) error {
	answer, err := c.do(ctx, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return &ErrUnreachable{c.site, err}
	}
	if answer.StatusCode >= 300 {
		return c.refusal(answer, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s answered %s with something else than JSON: is it a tokenflexd?", c.site.Name(), path)
	}
	return nil
}

func (c *Client) do(ctx context.Context, method, path, contentType, body string) (*http.Response, error) {
	r, err := c.request(ctx, method, path, contentType, body)
	if err != nil {
		return nil, err
	}
	return c.send(r)
}

func (c *Client) request(ctx context.Context, method, path, contentType, body string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.site.String()+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Accept", "application/json")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return r, nil
}

func (c *Client) send(r *http.Request) (*http.Response, error) {
	answer, err := c.http.Do(r)
	if ended := r.Context().Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		return nil, &ErrUnreachable{c.site, err}
	}
	return answer, nil
}

func (c *Client) refusal(answer *http.Response, body []byte) error {
	if answer.StatusCode == http.StatusUnauthorized {
		return ErrUnauthorized
	}
	e := &ErrProblem{Site: c.site, RetryAfter: retryAfter(answer.Header)}
	if json.Unmarshal(body, &e.Problem) != nil || e.Problem.Title == "" && e.Problem.Detail == "" {
		e.Problem = wire.Problem{Title: answer.Status}
	}
	e.Problem.Status = answer.StatusCode
	return e
}

func retryAfter(h http.Header) time.Duration {
	d, err := time.ParseDuration(h.Get("Retry-After") + "s")
	if err != nil {
		return 0
	}
	return max(0, d)
}
