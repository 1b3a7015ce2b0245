package scan

import (
	"context"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	bufferSize = 256 << 10
	// keptBuffer is how far a buffer that grew for a long line is kept for the next file.
	keptBuffer = 4 << 20
	// maxLine is the longest line or document that is read, in bytes. Tools have written lines of tens of megabytes.
	maxLine = 256 << 20
	// maxWindow bounds the memory that a packed file can ask for.
	maxWindow = 128 << 20
)

// worker reads one file after another into the same memory.
type worker struct {
	ctx      context.Context
	access   access
	progress *progress
	zone     *time.Location
	limit    int // bytes of a line or document
	buffer   []byte
	tail     [tailSize]byte
	file     file // that is read
	zstd     *zstd.Decoder
}

func newWorker(ctx context.Context, a access, p *progress) *worker {
	return &worker{ctx: ctx, access: a, progress: p, zone: time.UTC, limit: maxLine, buffer: make([]byte, bufferSize)}
}

// keep makes the next file begin with the buffer that this one ended with.
func (w *worker) keep(buffer []byte) {
	if len(buffer) <= keptBuffer {
		w.buffer = buffer
	}
}

func (w *worker) close() {
	if w.zstd != nil {
		w.zstd.Close()
	}
}

// unpack returns the stream of what a file holds: the file's own, or an unpacked one.
func (w *worker) unpack(name string, stream io.Reader) (io.Reader, error) {
	if _, ok := unpacked(name); !ok {
		return stream, nil
	}
	if w.zstd == nil {
		var err error
		w.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
	}
	return w.zstd, w.zstd.Reset(stream)
}
