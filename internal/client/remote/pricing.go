package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"tokenflex.ing/internal/wire"
)

// Signed is an answer as it came: its bytes are what is signed.
type Signed struct {
	Body      []byte
	Signature string // the header; "" if the site sent none
	ETag      string
}

// Discovery asks what the site takes and by which key its prices are signed.
func (c *Client) Discovery(ctx context.Context) (wire.Discovery, error) {
	var d wire.Discovery
	err := c.call(ctx, http.MethodGet, wire.PathDiscovery, "", "", &d)
	return d, err
}

// Pricing asks for the site's price book, unless it is the one of the etag. It is false if it is; nothing is checked here.
func (c *Client) Pricing(ctx context.Context, etag string) (Signed, bool, error) {
	r, err := c.request(ctx, http.MethodGet, wire.PathPricing, "", "")
	if err != nil {
		return Signed{}, false, err
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	answer, err := c.send(r)
	if err != nil {
		return Signed{}, false, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Signed{}, false, &ErrUnreachable{c.site, err}
	case answer.StatusCode == http.StatusNotModified:
		return Signed{}, false, nil
	case answer.StatusCode >= 300:
		return Signed{}, false, c.refusal(answer, body)
	case len(body) > maxAnswer:
		return Signed{}, false, fmt.Errorf("%s answered with more than %d MB of prices", c.site.Name(), maxAnswer>>20)
	}
	return Signed{body, answer.Header.Get(wire.HeaderPricingSignature), answer.Header.Get("ETag")}, true, nil
}
