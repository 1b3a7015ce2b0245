package server

import (
	"net/http"
	"testing"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/pricing/signed"
	"tokenflex.ing/internal/wire"
)

func TestThePriceBookIsSignedAndNamed(t *testing.T) {
	b := newBench(t)
	discovery := decode[wire.Discovery](b, b.want(http.StatusOK, b.ask("GET", wire.PathDiscovery, "", "")))
	w := b.want(http.StatusOK, b.ask("GET", wire.PathPricing, "", ""))
	if err := signed.Verify(discovery.PricingKey, w.Header().Get(wire.HeaderPricingSignature), w.Body.Bytes()); err != nil {
		t.Errorf("the signature: %v", err)
	}
	body := decode[wire.Pricing](b, w)
	table, err := pricing.Parse([]byte(body.Book))
	if err != nil || table.Date() != body.AsOf || body.Version != 1 {
		t.Errorf("version %d of %s holds a book: %v", body.Version, body.AsOf, err)
	}
	if w.Header().Get("ETag") == "" {
		t.Error("no ETag")
	}
}
