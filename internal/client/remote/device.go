package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"tokenflex.ing/internal/wire"
)

// The ways a sign-in can end without a token.
var (
	ErrDenied  = errors.New("the request was denied in the browser")
	ErrExpired = errors.New("the code ran out")
)

// Begin asks for a device code (RFC 8628 section 3.1). name is what the person will know this machine by.
func (c *Client) Begin(ctx context.Context, name, version, goos string) (wire.DeviceCode, error) {
	form := url.Values{
		"client_id":      {wire.ClientID},
		"scope":          {wire.ScopeUsageWrite},
		"device_name":    {name},
		"client_version": {version},
		"os":             {goos},
	}
	var code wire.DeviceCode
	if err := c.call(ctx, http.MethodPost, wire.PathDeviceCode, formType, form.Encode(), &code); err != nil {
		return code, err
	}
	if code.DeviceCode == "" || code.UserCode == "" || code.ExpiresIn <= 0 {
		return code, fmt.Errorf("%s gave no device code: is it a tokenflexd?", c.site.Name())
	}
	code.Interval = max(1, code.Interval)
	return code, nil
}

// Await polls until the person has decided, the code runs out or ctx ends. wait pauses between polls and reports
// whether to go on; it is a parameter so that the caller can show what is left.
func (c *Client) Await(ctx context.Context, code wire.DeviceCode, wait func(context.Context, time.Duration) error) (wire.DeviceToken, error) {
	interval := time.Duration(code.Interval) * time.Second
	for {
		if err := wait(ctx, interval); err != nil {
			return wire.DeviceToken{}, err
		}
		token, refusal, err := c.poll(ctx, code.DeviceCode)
		var gone *ErrUnreachable
		switch {
		case errors.As(err, &gone):
			interval *= 2 // RFC 8628 section 3.5: back off when the connection times out
		case err != nil:
			return wire.DeviceToken{}, err
		case refusal == "":
			return token, nil
		case refusal == wire.ErrAuthorizationPending:
		case refusal == wire.ErrSlowDown:
			interval += 5 * time.Second
		case refusal == wire.ErrAccessDenied:
			return wire.DeviceToken{}, ErrDenied
		case refusal == wire.ErrExpiredToken:
			return wire.DeviceToken{}, ErrExpired
		default:
			return wire.DeviceToken{}, fmt.Errorf("%s refused the sign-in: %s", c.site.Name(), refusal)
		}
	}
}

// poll asks once. A refusal is one of the codes of the device flow.
func (c *Client) poll(ctx context.Context, deviceCode string) (token wire.DeviceToken, refusal string, err error) {
	form := url.Values{"grant_type": {wire.GrantType}, "device_code": {deviceCode}, "client_id": {wire.ClientID}}
	answer, err := c.do(ctx, http.MethodPost, wire.PathDeviceToken, formType, form.Encode())
	if err != nil {
		return token, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return token, "", &ErrUnreachable{c.site, err}
	}
	switch {
	case answer.StatusCode == http.StatusOK:
		if err := json.Unmarshal(b, &token); err != nil || token.AccessToken == "" {
			return token, "", fmt.Errorf("%s approved but sent no token", c.site.Name())
		}
		return token, "", nil
	case answer.StatusCode == http.StatusTooManyRequests:
		return token, wire.ErrSlowDown, nil
	}
	var oauth wire.OAuthError
	if json.Unmarshal(b, &oauth) != nil || oauth.Code == "" {
		return token, "", c.refusal(answer, b)
	}
	return token, oauth.Code, nil
}
