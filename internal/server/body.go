package server

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"tokenflex.ing/internal/wire"
)

const (
	maxRatio      = 100     // decoded bytes for each byte on the wire
	maxZstdWindow = 1 << 20 // bytes
)

// readUpload adds the decoded body of an upload to text. However it is compressed, no more than wire.MaxBodyDecoded and one
// byte is ever unpacked, and nothing that is refused is ever held unpacked: it is unpacked once to learn how much it is.
func readUpload(text *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	if kind := r.Header.Get("Content-Type"); kind != "application/json" { // as good as always
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return &refusal{code: wire.MediaType, detail: "send application/json"}
		}
	}
	if r.ContentLength > wire.MaxBody {
		return &refusal{code: wire.TooLarge, detail: "more than 1 MiB"}
	}
	unpack, err := unpacker(r.Header.Values("Content-Encoding"))
	if err != nil {
		return err
	}
	body := http.MaxBytesReader(w, r.Body, wire.MaxBody)
	if unpack == nil {
		if _, err := text.ReadFrom(body); err != nil {
			return readError(err)
		}
		return nil
	}
	packed := packedBodies.Get().(*bytes.Buffer)
	defer packedBodies.Put(packed)
	packed.Reset()
	if _, err := packed.ReadFrom(body); err != nil {
		return readError(err)
	}
	size, err := unpacked(unpack, packed.Bytes(), io.Discard)
	if err != nil {
		return readError(err)
	}
	if size > wire.MaxBodyDecoded || size > maxRatio*int64(max(1, packed.Len())) {
		return &refusal{code: wire.TooLarge, detail: "more than 4 MiB, or than 100 times its size, when unpacked"}
	}
	text.Grow(int(size))
	if _, err := unpacked(unpack, packed.Bytes(), text); err != nil {
		return readError(err)
	}
	return nil
}

// packedBodies are for bodies that are still to be unpacked, none larger than wire.MaxBody.
var packedBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bodies are for what was sent, unpacked, until it is read.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBody lets another request have the buffer, unless it is large, which few need.
func keepBody(b *bytes.Buffer) {
	if b.Cap() <= 64<<10 {
		bodies.Put(b)
	}
}

// unpacked writes what is packed to a writer, up to one byte more than may be, and returns how much it was.
func unpacked(unpack opener, packed []byte, to io.Writer) (int64, error) {
	from, err := unpack(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	defer from.Close()
	return io.Copy(to, io.LimitReader(from, wire.MaxBodyDecoded+1))
}

// opener begins to unpack one encoding.
type opener func(packed io.Reader) (io.ReadCloser, error)

// unpacker is what unpacks the request's encoding; nil for none.
func unpacker(encodings []string) (opener, error) {
	if len(encodings) > 1 {
		return nil, &refusal{code: wire.MediaType, detail: "one Content-Encoding at most"}
	}
	switch strings.ToLower(append(encodings, "")[0]) {
	case "", "identity":
		return nil, nil
	case "gzip":
		return func(packed io.Reader) (io.ReadCloser, error) { return gzip.NewReader(packed) }, nil
	case "zstd":
		return unpackZstd, nil
	}
	return nil, &refusal{code: wire.MediaType, detail: "Content-Encoding is identity, gzip or zstd"}
}

func unpackZstd(packed io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(wire.MaxBodyDecoded+1), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	var known *refusal
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLarge):
		return &refusal{code: wire.TooLarge, detail: "more than 1 MiB"}
	case errors.Is(err, zstd.ErrWindowSizeExceeded): // what zstd writes that is not told the size beforehand
		return &refusal{code: wire.TooLarge, detail: "a zstd window of more than 1 MiB; compress with a window log of 20 at most, or tell zstd the size"}
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &refusal{code: wire.TooLarge, detail: "more than 4 MiB when unpacked"}
	}
	return &refusal{code: wire.Malformed, detail: "the body ends early or is not what its Content-Encoding says"}
}
