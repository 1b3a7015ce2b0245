package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

const (
	grantLife     = 10 * time.Minute
	grantInterval = 5 * time.Second
	maxForm       = 16 << 10 // bytes
	formType      = "application/x-www-form-urlencoded"
)

// grantLimit bounds the live requests to be let in that come from one place.
var grantLimit = store.GrantLimit{Address: 5, Network: 20}

// oauthError refuses a request of the device flow in the words of RFC 6749 and 8628.
type oauthError struct {
	status int
	code   string
	detail string
}

func (e *oauthError) Error() string { return e.code + ": " + e.detail }

func badOAuth(code, detail string) error { return &oauthError{http.StatusBadRequest, code, detail} }

func (s *Server) answerOAuth(w http.ResponseWriter, e *oauthError) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	json.NewEncoder(w).Encode(wire.OAuthError{Code: e.code, Description: e.detail})
}

// failOAuth says what went wrong around the flow: too many requests, or an error of ours.
func (s *Server) failOAuth(w http.ResponseWriter, e *refusal) {
	p := problems[e.code]
	code := "server_error"
	switch {
	case e.code == wire.RateLimited || e.code == wire.Busy:
		code = wire.ErrSlowDown
	case p.status < http.StatusInternalServerError:
		code = wire.ErrInvalidRequest
	}
	s.answerOAuth(w, &oauthError{p.status, code, e.detail})
}

// oauthForm reads a form in which no parameter comes twice (RFC 6749 section 3.2).
func oauthForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != formType {
		return nil, badOAuth(wire.ErrInvalidRequest, "send "+formType)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, badOAuth(wire.ErrInvalidRequest, "the form cannot be read")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, badOAuth(wire.ErrInvalidRequest, "a parameter comes twice: "+cut(name))
		}
	}
	return r.PostForm, nil
}

func cut(s string) string {
	if len(s) > 32 || strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return "?"
	}
	return s
}

func checkClient(form url.Values) error {
	switch form.Get("client_id") {
	case wire.ClientID:
		return nil
	case "":
		return badOAuth(wire.ErrInvalidRequest, "client_id is missing")
	}
	return &oauthError{http.StatusUnauthorized, wire.ErrInvalidClient, "client_id is " + wire.ClientID}
}

// oauth runs one endpoint of the flow and answers its refusals.
func (s *Server) oauth(w http.ResponseWriter, r *http.Request, limit Limit, do func(url.Values) error) error {
	if err := s.take(w, r, limit, about(r).address.subject); err != nil {
		return err
	}
	form, err := oauthForm(w, r)
	if err == nil {
		err = do(form)
	}
	var refused *oauthError
	if errors.As(err, &refused) {
		s.answerOAuth(w, refused)
		return nil
	}
	return err
}

// postDeviceCode begins a device's request to be let in (RFC 8628 section 3.1).
func (s *Server) postDeviceCode(w http.ResponseWriter, r *http.Request) error {
	return s.oauth(w, r, s.Limits.DeviceCode, func(form url.Values) error {
		g, err := s.newGrant(r, form)
		if err != nil {
			return err
		}
		long := s.spentFor(r, s.Limits.AllCodes, everybody) > 0
		const tries = 3 // a code that somebody has right now is drawn again
		for range tries {
			deviceCode, userCode := auth.NewSecret(), auth.NewUserCode(long)
			g.DeviceCode, g.UserCode = store.HashOf(deviceCode), auth.HashUserCode(s.key, userCode)
			err = s.Store.AddGrant(r.Context(), g, grantLimit)
			if err == nil {
				return writeJSON(w, s.deviceCode(deviceCode, userCode))
			}
			if !errors.Is(err, store.ErrTaken) {
				break
			}
		}
		if errors.Is(err, store.ErrTooMany) {
			return &refusal{code: wire.RateLimited, detail: "too many codes are waiting for this network", retry: time.Minute}
		}
		return err
	})
}

func (s *Server) deviceCode(deviceCode, userCode string) wire.DeviceCode {
	shown := auth.ShowUserCode(userCode)
	return wire.DeviceCode{
		DeviceCode: deviceCode, UserCode: shown, VerificationURI: s.Site + page.PathDevice,
		VerificationURIComplete: s.Site + page.PathDevice + "?user_code=" + url.QueryEscape(shown),
		ExpiresIn:               int(grantLife.Seconds()), Interval: int(grantInterval.Seconds()),
	}
}

// pseudonym stands for an address where it is stored: equal ones are equal, and that is all it tells.
func (s *Server) pseudonym(address string) string {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte("address\x00" + address))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

var (
	versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`)
	osPattern      = regexp.MustCompile(`^[a-z0-9]{1,32}$`)
)

func (s *Server) newGrant(r *http.Request, form url.Values) (store.Grant, error) {
	if err := checkClient(form); err != nil {
		return store.Grant{}, err
	}
	scope, ok := readScope(form.Get("scope"))
	if !ok {
		return store.Grant{}, badOAuth("invalid_scope", "scope is usage:write, profile:read, both, or account alone")
	}
	now, from := s.Now(), about(r).address
	g := store.Grant{Name: "device", Scope: scope, Address: s.pseudonym(from.subject), Network: s.pseudonym(from.network),
		At: now, Expires: now.Add(grantLife), Interval: grantInterval}
	if name := strings.TrimSpace(form.Get("device_name")); name != "" {
		if !ValidDeviceName(name) {
			return g, badOAuth(wire.ErrInvalidRequest, "device_name is 1 to 64 printable characters")
		}
		g.Name = name
	}
	if v := form.Get("client_version"); versionPattern.MatchString(v) {
		g.Client = v
	}
	if v := form.Get("os"); osPattern.MatchString(v) {
		g.OS = v
	}
	return g, nil
}

// ValidDeviceName reports whether name is 1 to 64 printable characters: none that control, have no width or turn direction.
func ValidDeviceName(name string) bool {
	n := utf8.RuneCountInString(name)
	return utf8.ValidString(name) && n >= 1 && n <= store.MaxDeviceName && strings.TrimSpace(name) == name &&
		strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// postDeviceToken answers a device that polls (RFC 8628 section 3.4).
func (s *Server) postDeviceToken(w http.ResponseWriter, r *http.Request) error {
	return s.oauth(w, r, s.Limits.DevicePoll, func(form url.Values) error {
		switch grant := form.Get("grant_type"); {
		case grant == "":
			return badOAuth(wire.ErrInvalidRequest, "grant_type is missing")
		case grant != wire.GrantType:
			return badOAuth(wire.ErrUnsupportedGrantType, "grant_type is "+wire.GrantType)
		}
		if err := checkClient(form); err != nil {
			return err
		}
		code := form.Get("device_code")
		if code == "" {
			return badOAuth(wire.ErrInvalidRequest, "device_code is missing")
		}
		token := auth.NewToken()
		p, err := s.Store.PollGrant(r.Context(), store.HashOf(code), s.limited(NewToken(token, s.Now())))
		if errors.Is(err, store.ErrTooMany) {
			return badOAuth(wire.ErrAccessDenied, "the account has too many devices or tokens: revoke some on its settings page")
		}
		if err != nil {
			return err
		}
		return s.answerPoll(w, p, token)
	})
}

// NewToken returns what is stored of a token.
func NewToken(token string, at time.Time) store.NewToken {
	return store.NewToken{Secret: store.HashOf(token), ID: uuid.NewString(), Hint: auth.Hint(token), Scope: wire.ScopeUsageWrite, At: at}
}

// refusedPolls are the answers of RFC 8628 section 3.5.
var refusedPolls = map[store.GrantState]struct{ code, detail string }{
	store.GrantPending: {wire.ErrAuthorizationPending, "nobody has decided yet"},
	store.GrantTooSoon: {wire.ErrSlowDown, "wait five seconds longer between polls from now on"},
	store.GrantDenied:  {wire.ErrAccessDenied, "the request was denied"},
	store.GrantExpired: {wire.ErrExpiredToken, "the code has expired"},
	store.GrantUnknown: {wire.ErrInvalidGrant, "the code is not known, or was used"},
}

func (s *Server) answerPoll(w http.ResponseWriter, p store.Poll, token string) error {
	if p.State != store.GrantMinted {
		no := refusedPolls[p.State]
		return badOAuth(no.code, no.detail)
	}
	left := 0
	if end := p.Token.ExpiresAt; !end.IsZero() {
		left = int(end.Sub(s.Now()).Seconds())
	}
	return writeJSON(w, wire.DeviceToken{ExpiresIn: left, AccessToken: token, TokenType: "Bearer", Scope: p.Token.Scope,
		DeviceID: p.Token.Device, Device: p.Token.Name, TokenID: p.Token.ID, Handle: p.Handle})
}

// postRevoke ends the token in the form (RFC 7009). It answers the same for tokens that it does not know.
func (s *Server) postRevoke(w http.ResponseWriter, r *http.Request) error {
	return s.oauth(w, r, s.Limits.DevicePoll, func(form url.Values) error {
		token := form.Get("token")
		if token == "" {
			return badOAuth(wire.ErrInvalidRequest, "token is missing")
		}
		if auth.CheckToken(token) == nil {
			who, err := s.Store.TokenActor(r.Context(), store.HashOf(token), s.Now())
			if err == nil {
				err = s.Store.RevokeToken(r.Context(), who, who.TokenID, s.Now())
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return writeJSON(w, struct{}{})
	})
}
