package wire

// Problem is an error answer of the API (RFC 9457, application/problem+json).
type Problem struct {
	Type     string         `json:"type"` // {site}/problems/{code}
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Instance string         `json:"instance,omitempty"` // the request's id
	Code     Code           `json:"code"`
	Errors   []ProblemError `json:"errors,omitempty"` // at most 50
	LastSeq  int64          `json:"last_seq,omitempty"`
}

// ProblemError points at one value of a refused request.
type ProblemError struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901)
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Code is a problem's stable name.
type Code string

// The problem codes.
const (
	Malformed      Code = "malformed"       // 400
	Unauthorized   Code = "unauthorized"    // 401
	Scope          Code = "scope"           // 403
	Suspended      Code = "suspended"       // 403
	ClientOutdated Code = "client-outdated" // 403
	NotFound       Code = "not-found"       // 404
	BadMethod      Code = "method"          // 405
	StaleSeq       Code = "stale-seq"       // 409
	Conflict       Code = "conflict"        // 409
	TooLarge       Code = "too-large"       // 413
	MediaType      Code = "media-type"      // 415
	InvalidRows    Code = "invalid-rows"    // 422
	RateLimited    Code = "rate-limited"    // 429
	Internal       Code = "internal"        // 500
	Busy           Code = "busy"            // 503
	StorageFull    Code = "storage-full"    // 503
)
