package server

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// What the two formats allow, and this server takes or not. Fails without the bound of the window, without lower-casing, and where
// only the first of several encodings is looked at.
func TestOddEncodings(t *testing.T) {
	b := newBench(t)
	token := b.token(b.account("mira", store.Private), "studio")
	next := func() string { return b.body(wire.Max, row("2026-11-20", "codex", 1000*b.seq+1, 5)) }
	halves := func(pack func(*testing.T, io.Reader) string) string {
		text := next()
		return pack(t, strings.NewReader(text[:40])) + pack(t, strings.NewReader(text[40:]))
	}
	wide := func() string { // a window of 8 MiB, said in the frame's header
		var out strings.Builder
		w, err := zstd.NewWriter(&out, zstd.WithWindowSize(8<<20), zstd.WithSingleSegment(false))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, rand4MiB()); err != nil {
			t.Fatal(err)
		}
		w.Close()
		return out.String()
	}
	for _, tt := range []struct {
		name, body string
		encodings  []string
		status     int
	}{
		{"a gzip in two members", halves(gzipped), []string{"gzip"}, 200},
		{"a zstd in two frames", halves(zstded), []string{"zstd"}, 200},
		{"in capitals", gzipped(t, strings.NewReader(next())), []string{"GZIP"}, 200},
		{"garbage behind a gzip", gzipped(t, strings.NewReader(next())) + "garbage", []string{"gzip"}, 400},
		{"garbage behind a zstd", zstded(t, strings.NewReader(next())) + "garbage", []string{"zstd"}, 400},
		{"half a zstd", zstded(t, strings.NewReader(next()))[:40], []string{"zstd"}, 400},
		{"nothing of a gzip", "", []string{"gzip"}, 400},
		{"a wide window", wide(), []string{"zstd"}, 413},
		{"two headers", gzipped(t, strings.NewReader(next())), []string{"gzip", "identity"}, 415},
		{"identity and gzip", gzipped(t, strings.NewReader(next())), []string{"identity, gzip"}, 415},
		{"a gzip inside a gzip", gzipped(t, strings.NewReader(gzipped(t, strings.NewReader(next())))), []string{"gzip"}, 400},
	} {
		r := httptest.NewRequest("POST", "http://tokenflex.example"+wire.PathUsage, strings.NewReader(tt.body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		r.Header["Content-Encoding"] = tt.encodings
		w := httptest.NewRecorder()
		b.s.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
		if tt.name == "a wide window" && !strings.Contains(w.Body.String(), "window of more than 1 MiB") {
			t.Errorf("%s is not said to be that: %s", tt.name, w.Body)
		}
	}
}

// However a body is packed, no more is unpacked than an upload may be, and what is wrong with it is said in a code.
func FuzzUploadBody(f *testing.F) {
	f.Add([]byte("{}"), "")
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"), "gzip")
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00{}"), "zstd")
	f.Add([]byte("\x28\xb5\x2f\xfd\xa0\xff\xff\xff\xff"), "zstd")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		r := httptest.NewRequest("POST", wire.PathUsage, strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", encoding)
		var text bytes.Buffer
		err := readUpload(&text, httptest.NewRecorder(), r)
		var known *refusal
		if err != nil && !errors.As(err, &known) {
			t.Errorf("%v has no code", err)
		}
		if text.Len() > wire.MaxBodyDecoded || text.Len() > maxRatio*max(1, len(body)) {
			t.Errorf("%d bytes became %d", len(body), text.Len())
		}
	})
}

// Whatever a device sends, the flow's form is read or refused in OAuth's words.
func FuzzDeviceForm(f *testing.F) {
	f.Add(url.Values{"client_id": {wire.ClientID}, "device_name": {"studio"}, "os": {"linux"}}.Encode())
	f.Add("client_id=a&client_id=b")
	f.Add("a=%zz&b=%E2%80%AE")
	f.Add(strings.Repeat("a=1&", 5000))
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", wire.PathDeviceCode, strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		form, err := oauthForm(httptest.NewRecorder(), r)
		var refused *oauthError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%v is not said in OAuth's words", err)
		}
		for name, values := range form {
			if err == nil && len(values) != 1 {
				t.Errorf("%q came %d times", name, len(values))
			}
		}
		if name := form.Get("device_name"); ValidDeviceName(name) && strings.ContainsAny(name, "\n\r\x00\u202e\u200b") {
			t.Errorf("%q passes for a name", name)
		}
	})
}
