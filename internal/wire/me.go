package wire

// Me answers GET /api/v1/me: whom a token speaks for.
type Me struct {
	Handle     string `json:"handle"`
	Visibility string `json:"visibility"` // private, aggregate or public
	// DisplayName is shown on the profile.
	DisplayName string `json:"display_name,omitempty"`
	Device      Device `json:"device"`
	Token       Token  `json:"token"`
	Total       Sum    `json:"total"`       // all devices, held days excluded
	DeviceDays  int    `json:"device_days"` // days this device has on the server
	// DeviceTotal is everything this device has on the server, held days included.
	DeviceTotal Sum    `json:"device_total"`
	Held        []Held `json:"held"`
	// Board is where a public account with usage of this month stands.
	Board *Places `json:"board,omitempty"`
	// SketchKey is what all devices of the account make sketches with, in base64; no other account's says anything of them. It is
	// there for tokens that may send usage.
	SketchKey string `json:"sketch_key,omitempty"`
}

// MyDays answers GET /api/v1/me/days: what the token's device has on the server, or all devices where the token sends nothing; days
// that wait for review included.
type MyDays struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Items []MyDay `json:"items"`
}

// Forgotten answers DELETE /api/v1/me/days: the rows of the token's device that are gone, and what is left.
type Forgotten struct {
	Rows        int `json:"rows"`
	Total       Sum `json:"total"`
	DeviceTotal Sum `json:"device_total"`
}

// MyDay is one stored row as it was claimed, with what the server makes it cost.
type MyDay struct {
	Day
	CostUUSD int64 `json:"cost_uusd"`
	Priced   bool  `json:"priced"`              // false: the model has no known price
	DeviceID int64 `json:"device_id,omitempty"` // where the rows of all devices are answered
}

// Device is one machine of an account.
type Device struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedOn string `json:"created_on"` // YYYY-MM-DD
	LastSeq   int64  `json:"last_seq"`
	SyncedAt  string `json:"synced_at,omitempty"` // RFC 3339, UTC
	OS        string `json:"os,omitempty"`
	Client    string `json:"client,omitempty"`  // version of the program it last spoke with
	Tokens    int64  `json:"tokens,omitempty"`  // that it has on the server, held days included
	Revoked   bool   `json:"revoked,omitempty"` // it can send nothing more
}

// Token is what may be shown of a token: never the token.
type Token struct {
	ID        string `json:"id"`
	Hint      string `json:"hint"` // its last four characters
	Scope     string `json:"scope"`
	ExpiresAt string `json:"expires_at,omitempty"`
	DeviceID  int64  `json:"device_id,omitempty"`
	Device    string `json:"device,omitempty"`     // its name
	CreatedOn string `json:"created_on,omitempty"` // YYYY-MM-DD
	UsedOn    string `json:"used_on,omitempty"`    // YYYY-MM-DD of the last use
}

// Tokens answers GET /api/v1/me/tokens.
type Tokens struct {
	Items []Token `json:"items"`
}

// Devices answers GET /api/v1/me/devices.
type Devices struct {
	Items []Device `json:"items"`
}

// NewToken is the body of POST /api/v1/me/tokens.
type NewToken struct {
	Name       string `json:"name"`                   // of the device; tokens of one name share one device
	Scope      string `json:"scope,omitempty"`        // empty: usage:write
	ExpiresInS int64  `json:"expires_in_s,omitempty"` // 0: as long as the server lets it
}

// MintedToken answers it.
type MintedToken struct {
	Token
	AccessToken string `json:"access_token"` // shown this once
}

// AccountChange is the body of PATCH /api/v1/me. What is absent stays.
type AccountChange struct {
	Handle      *string `json:"handle,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	Visibility  *string `json:"visibility,omitempty"`
}

// Account answers it.
type Account struct {
	Handle      string `json:"handle"`
	DisplayName string `json:"display_name"`
	Visibility  string `json:"visibility"`
}

// Discovery answers GET /.well-known/tokenflexing.
type Discovery struct {
	API            string         `json:"api"` // v1
	Issuer         string         `json:"issuer"`
	MinClient      string         `json:"min_client"`
	MinParser      map[string]int `json:"min_parser"`
	Limits         Limits         `json:"limits"`
	SyncIntervalS  int            `json:"sync_interval_s"`
	PrivacyDefault string         `json:"privacy_default"`
	PricingKey     string         `json:"pricing_key,omitempty"` // that GET /api/v1/pricing is signed with: "ed25519:" and base64
}

// Limits of one upload.
type Limits struct {
	Rows        int    `json:"rows"`
	Body        int    `json:"body"`
	BodyDecoded int    `json:"body_decoded"`
	FirstDay    string `json:"first_day"`
	Marks       int    `json:"marks"` // in a sketch
}
