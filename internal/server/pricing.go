package server

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"

	"tokenflex.ing/internal/pricing/signed"
	"tokenflex.ing/internal/wire"
)

//go:embed openapi.json
var openAPI []byte

// getPricing answers with the whole price book, which changes only with a release, signed with the server's own key.
func (s *Server) getPricing(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set(wire.HeaderPricingSignature, s.signature)
	s.prices.write(w, r)
	return nil
}

// signPrices makes the document of the book, and signs it with a key that is made on first use and kept.
func (s *Server) signPrices(ctx context.Context) error {
	secret, err := s.Store.Secret(ctx, "pricing")
	if err != nil {
		return fmt.Errorf("read the key that prices are signed with: %w", err)
	}
	signer, err := signed.NewSigner(secret)
	if err != nil {
		return fmt.Errorf("the key that prices are signed with: %w", err)
	}
	if s.prices, err = jsonDocument(s.Prices.Wire()); err != nil {
		return err
	}
	s.pricingKey, s.signature = signer.Key(), signer.Sign(s.prices.body)
	return nil
}

func (s *Server) getOpenAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	s.openAPI.write(w, r)
	return nil
}
