package wire

// The paths of the API, below the site's origin.
const (
	PathDiscovery   = "/.well-known/tokenflexing"
	PathOAuth       = "/.well-known/oauth-authorization-server"
	PathDeviceCode  = "/device/code"
	PathDeviceToken = "/device/token"
	PathRevoke      = "/oauth/revoke"
	PathUsage       = "/api/v1/usage"
	PathMe          = "/api/v1/me"
	PathMyDays      = "/api/v1/me/days"
	PathExport      = "/api/v1/me/export"
	PathMyTokens    = "/api/v1/me/tokens"  // and / + id
	PathMyDevices   = "/api/v1/me/devices" // and / + id
	PathLeaderboard = "/api/v1/leaderboard"
	PathMyRank      = "/api/v1/leaderboard/me"
	PathStats       = "/api/v1/stats"
	PathRepricings  = "/api/v1/repricings"
	PathUsers       = "/api/v1/users/" // + handle
	PathPricing     = "/api/v1/pricing"
	PathModels      = "/api/v1/models"
	PathSources     = "/api/v1/sources"
	PathOpenAPI     = "/api/v1/openapi.json"
)

// HeaderPricingSignature carries the signature of the price book: "ed25519:" and base64, of the body's bytes.
const HeaderPricingSignature = "Pricing-Signature"

// Limits of one upload, as the discovery document repeats them.
const (
	MaxRows        = 5000
	MaxBody        = 1 << 20 // bytes on the wire
	MaxBodyDecoded = 4 << 20 // bytes after decompression
	FirstDay       = "2023-01-01"
	MaxCounter     = 1_000_000_000_000 // tokens or requests in one field of one row
	MaxMarks       = 64                // in a sketch
	MarkSize       = 8                 // characters of a mark
)
