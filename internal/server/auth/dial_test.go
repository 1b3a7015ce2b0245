package auth

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for _, ip := range strings.Fields(`127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 192.0.0.8 198.18.0.1
		::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 64:ff9b::7f00:1 2002:7f00:1:: ::ffff:127.0.0.1 ::ffff:10.0.0.1`) {
		if isPublic(netip.MustParseAddr(ip).Unmap()) {
			t.Errorf("%s is public", ip)
		}
	}
	for _, ip := range []string{"8.8.8.8", "140.82.121.4", "2606:50c0:8000::153"} {
		if !isPublic(netip.MustParseAddr(ip)) {
			t.Errorf("%s is not public", ip)
		}
	}
}

// A name that leads into a private network is not followed, however it was resolved; one that the host wrote out is.
func TestOnlyWhatIsConfiguredIsDialled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "/endless":
			for range 33 {
				w.Write(make([]byte, 1<<16))
			}
		}
	}))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, tt := range []struct {
		name, base, address string
		private             bool
		want                error
	}{
		{"the address that is configured", server.URL, server.URL, false, nil},
		{"its own name", "http://localhost" + port, "http://localhost" + port, false, nil},
		{"a name that leads to loopback", "https://id.example", "https://localhost" + port, false, errPrivate},
		{"another loopback address", "https://id.example", "https://127.0.0.1" + port, false, errPrivate},
		{"the cloud's own", "https://id.example", "https://169.254.169.254/latest", false, errPrivate},
		{"a private network", "https://id.example", "https://10.255.255.1:1/", false, errPrivate},
		{"a private network from loopback", server.URL, "http://10.255.255.1:1/", false, errPrivate},
		{"IPv6 loopback", "https://id.example", "https://[::1]:1/", false, errPrivate},
		{"http elsewhere", "https://id.example", "http://id.example", false, errScheme},
		{"more than it may be", server.URL, server.URL + "/endless", false, errTooLarge},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		_, err = get(t.Context(), newClient(base, tt.private), tt.address, "token")
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), newClient(base, false), server.URL+"/away", "token"); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("a redirect was followed: %v", err)
	}
	// What is meant to be private may be: the guard lets the connection be tried.
	private, err := url.Parse("https://id.internal")
	if err != nil {
		t.Fatal(err)
	}
	_, err = get(t.Context(), newClient(private, true), "https://127.0.0.1:1/", "token")
	var refused *net.OpError
	if !errors.As(err, &refused) || errors.Is(err, errPrivate) {
		t.Errorf("a private issuer: %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("it waited")
	}
}
