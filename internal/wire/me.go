package wire

// Me answers GET /api/v1/me: whom a token speaks for.
type Me struct {
	Handle     string `json:"handle"`
	Visibility string `json:"visibility"` // private, aggregate or public
	Device     Device `json:"device"`
	Token      Token  `json:"token"`
	Total      Sum    `json:"total"`       // all devices, held days excluded
	DeviceDays int    `json:"device_days"` // days this device has on the server
	// DeviceTotal is everything this device has on the server, held days included.
	DeviceTotal Sum    `json:"device_total"`
	Held        []Held `json:"held"`
}

// MyDays answers GET /api/v1/me/days: what the token's device has on the server, days that wait for review included.
type MyDays struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Items []MyDay `json:"items"`
}

// MyDay is one stored row as it was claimed, with what the server makes it cost.
type MyDay struct {
	Day
	CostUUSD int64 `json:"cost_uusd"`
	Priced   bool  `json:"priced"` // false: the model has no known price
}

// Device is one machine of an account.
type Device struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedOn string `json:"created_on"` // YYYY-MM-DD
	LastSeq   int64  `json:"last_seq"`
	SyncedAt  string `json:"synced_at,omitempty"` // RFC 3339, UTC
}

// Token is what may be shown of a token: never the token.
type Token struct {
	ID        string `json:"id"`
	Hint      string `json:"hint"` // its last four characters
	Scope     string `json:"scope"`
	ExpiresAt string `json:"expires_at,omitempty"`
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
}
