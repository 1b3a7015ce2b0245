package server

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// getDiscovery tells a client what this server takes.
func (s *Server) getDiscovery(w http.ResponseWriter, _ *http.Request) error {
	answer := wire.Discovery{
		API: "v1", Issuer: s.Site, MinClient: cmp.Or(s.Oldest.Client, "0.0.0"), MinParser: maps.Clone(s.Oldest.Parser),
		Limits:        wire.Limits{Rows: wire.MaxRows, Body: wire.MaxBody, BodyDecoded: wire.MaxBodyDecoded, FirstDay: wire.FirstDay, Marks: wire.MaxMarks},
		SyncIntervalS: int(syncInterval.Seconds()), PrivacyDefault: store.Private.String(), PricingKey: s.pricingKey,
	}
	if answer.MinParser == nil {
		answer.MinParser = map[string]int{}
	}
	return writeJSON(w, answer)
}

// authorizationServer is the metadata of RFC 8414, as far as the device flow needs it.
type authorizationServer struct {
	Issuer                 string   `json:"issuer"`
	DeviceEndpoint         string   `json:"device_authorization_endpoint"`
	TokenEndpoint          string   `json:"token_endpoint"`
	RevocationEndpoint     string   `json:"revocation_endpoint"`
	GrantTypes             []string `json:"grant_types_supported"`
	Scopes                 []string `json:"scopes_supported"`
	ResponseTypes          []string `json:"response_types_supported"`
	TokenEndpointAuthTypes []string `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthTypes    []string `json:"revocation_endpoint_auth_methods_supported"` // left out: with a secret
}

// getOAuth tells an OAuth client where the device flow is.
func (s *Server) getOAuth(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, authorizationServer{
		Issuer: s.Site, DeviceEndpoint: s.Site + wire.PathDeviceCode, TokenEndpoint: s.Site + wire.PathDeviceToken,
		RevocationEndpoint: s.Site + wire.PathRevoke, GrantTypes: []string{wire.GrantType}, Scopes: []string{wire.ScopeUsageWrite, wire.ScopeProfileRead, wire.ScopeAccount},
		ResponseTypes: []string{}, TokenEndpointAuthTypes: []string{"none"}, RevocationAuthTypes: []string{"none"},
	})
}

// projectContact is whom to tell of a fault in the program where the host names nobody.
const projectContact = "mailto:security@tokenflex.ing"

// securityTxt says whom to tell of a fault (RFC 9116).
func (s *Server) securityTxt(w http.ResponseWriter, _ *http.Request) error {
	const life = 180 * 24 * time.Hour
	text := "Contact: " + cmp.Or(s.Contact, projectContact) + "\nExpires: " + s.Now().UTC().Add(life).Truncate(24*time.Hour).Format(time.RFC3339) +
		"\nPreferred-Languages: en\n"
	if s.secure {
		text += "Canonical: " + s.Site + "/.well-known/security.txt\n"
	}
	return writeText(w, http.StatusOK, text)
}

// healthz says that the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, http.StatusOK, "ok\n")
}

// readyz says whether to send people here: not while the database is silent or the process is on its way out.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if s.closing.Load() {
		return writeText(w, http.StatusServiceUnavailable, "stopping\n")
	}
	if err := s.Store.Ready(ctx); err != nil {
		s.Log.Error("not ready", "error", err.Error())
		return writeText(w, http.StatusServiceUnavailable, "database\n")
	}
	return writeText(w, http.StatusOK, "ok\n")
}

func writeText(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write([]byte(text)) // an error here means that nobody is listening any more
	return nil
}
