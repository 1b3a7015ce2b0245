package server

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/zstd"
	"tokenflex.ing/internal/wire"
)

const (
	maxRatio      = 100     // decoded bytes for each byte on the wire
	maxZstdWindow = 1 << 20 // bytes
)

// readUpload returns the decoded body of an upload. However it is compressed, no more than wire.MaxBodyDecoded and one
// byte is ever unpacked.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, &refusal{code: wire.MediaType, detail: "send application/json"}
	}
	if r.ContentLength > wire.MaxBody {
		return nil, &refusal{code: wire.TooLarge, detail: "more than 1 MiB"}
	}
	body := &counter{from: http.MaxBytesReader(w, r.Body, wire.MaxBody)}
	decoded, err := decoder(body, r.Header.Values("Content-Encoding"))
	if err != nil {
		return nil, readError(err)
	}
	defer decoded.Close()
	text, err := io.ReadAll(io.LimitReader(decoded, wire.MaxBodyDecoded+1))
	if err != nil {
		return nil, readError(err)
	}
	if len(text) > wire.MaxBodyDecoded || int64(len(text)) > maxRatio*max(1, body.n) {
		return nil, &refusal{code: wire.TooLarge, detail: "more than 4 MiB, or than 100 times its size, when unpacked"}
	}
	return text, nil
}

func decoder(body io.Reader, encodings []string) (io.ReadCloser, error) {
	if len(encodings) > 1 {
		return nil, &refusal{code: wire.MediaType, detail: "one Content-Encoding at most"}
	}
	switch strings.ToLower(append(encodings, "")[0]) {
	case "", "identity":
		return io.NopCloser(body), nil
	case "gzip":
		return gzip.NewReader(body)
	case "zstd":
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(wire.MaxBodyDecoded+1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, &refusal{code: wire.MediaType, detail: "Content-Encoding is identity, gzip or zstd"}
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	var known *refusal
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLarge):
		return &refusal{code: wire.TooLarge, detail: "more than 1 MiB"}
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return &refusal{code: wire.TooLarge, detail: "more than 4 MiB when unpacked"}
	}
	return &refusal{code: wire.Malformed, detail: "the body ends early or is not what its Content-Encoding says"}
}

// counter counts the bytes that are read through it.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
