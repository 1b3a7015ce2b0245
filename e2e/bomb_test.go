package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A bomb of a gibibyte, by either encoding, one after the other and two at once, costs the server less than 16 MiB, and others are
// answered meanwhile. Fails without a bound on what is unpacked, and where that is held in memory at all.
func TestBombs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says how much a process has ever held")
	}
	h := serve(t)
	token := h.admin("token", "mira", "--device", "flow")
	others := func(n int64) error {
		if status, err := upload(h.site, token, n); err != nil || status != http.StatusOK {
			return fmt.Errorf("an upload: %d, %v", status, err)
		}
		fetch(t, http.DefaultClient, h.site+"/")
		return nil
	}
	for n := range int64(4) { // what it needs anyway
		if err := others(n + 1); err != nil {
			t.Fatal(err)
		}
	}
	bombs := map[string][]byte{"gzip": gzipBomb(t), "zstd": zstdBomb(t)}
	tokens := map[string]string{"gzip": h.admin("token", "gus"), "zstd": h.admin("token", "zoe")}
	before := h.peak()
	thrown := make(chan error)
	for encoding := range bombs {
		go func() {
			var first error
			for range 4 {
				if err := throw(h.site, tokens[encoding], encoding, bombs[encoding]); err != nil && first == nil {
					first = fmt.Errorf("a bomb by %s: %w", encoding, err)
				}
			}
			thrown <- first
		}()
	}
	answered := others(5)
	for range bombs {
		if err := <-thrown; err != nil {
			t.Error(err)
		}
	}
	if answered != nil {
		t.Error(answered)
	}
	if grown := h.peak() - before; grown >= 16<<10 {
		t.Errorf("it grew by %d KiB", grown)
	}
}

// peak is the most memory that the server has held so far, in KiB.
func (h *host) peak() int {
	h.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.process.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		h.t.Fatal(err)
	}
	return kib
}

// throw sends a bomb, which must be refused for its size.
func throw(site, token, encoding string, bomb []byte) error {
	r, err := http.NewRequest(http.MethodPost, site+"/api/v1/usage", bytes.NewReader(bomb))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", encoding)
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
		return fmt.Errorf("%d %s, %v", answer.StatusCode, text, err)
	}
	return nil
}

// gzipBomb is a gibibyte of zeros, less what the limit of the wire leaves out.
func gzipBomb(t *testing.T) []byte {
	t.Helper()
	var part bytes.Buffer
	w, err := gzip.NewWriterLevel(&part, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 16<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(part.Bytes(), min(64, 1<<20/part.Len()))
}

// zstdBomb is a gibibyte of zeros in many frames.
func zstdBomb(t *testing.T) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithWindowSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(w.EncodeAll(make([]byte, 1<<20), nil), 1024)
}
