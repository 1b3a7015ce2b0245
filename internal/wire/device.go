package wire

// ClientID and GrantType are the fixed values of the device flow (RFC 8628).
const (
	ClientID  = "tokenflexing-cli"
	GrantType = "urn:ietf:params:oauth:grant-type:device_code"
)

// Scopes of a token. The first two can be had together, parted by a space; the last stands alone.
const (
	ScopeUsageWrite  = "usage:write"  // send usage, read the summary: what a device needs
	ScopeProfileRead = "profile:read" // read what is the account's own
	ScopeAccount     = "account"      // whatever the account's owner may, for ten minutes
)

// DeviceCode answers POST /device/code.
type DeviceCode struct {
	DeviceCode              string `json:"device_code"`
	UserCode                string `json:"user_code"`
	VerificationURI         string `json:"verification_uri"`
	VerificationURIComplete string `json:"verification_uri_complete"`
	ExpiresIn               int    `json:"expires_in"` // seconds
	Interval                int    `json:"interval"`   // seconds between polls
}

// DeviceToken answers POST /device/token once the user approved.
type DeviceToken struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	Scope       string `json:"scope"`
	DeviceID    int64  `json:"device_id"`
	Device      string `json:"device"` // its name
	TokenID     string `json:"token_id"`
	Handle      string `json:"handle"`
	ExpiresIn   int    `json:"expires_in,omitempty"` // seconds
}

// OAuthError is the answer of the OAuth endpoints when they refuse (RFC 6749 section 5.2).
type OAuthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// The error codes of the device flow.
const (
	ErrAuthorizationPending = "authorization_pending"
	ErrSlowDown             = "slow_down"
	ErrAccessDenied         = "access_denied"
	ErrExpiredToken         = "expired_token"
	ErrInvalidGrant         = "invalid_grant"
	ErrInvalidClient        = "invalid_client"
	ErrInvalidRequest       = "invalid_request"
	ErrUnsupportedGrantType = "unsupported_grant_type"
)
