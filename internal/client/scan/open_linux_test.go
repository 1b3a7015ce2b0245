package scan

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What is in memory and what has to be fetched from the disk is told apart at each read.
func TestAFileIsReadWholeWhateverOfItIsInMemory(t *testing.T) {
	want := make([]byte, 3<<20+17)
	_, _ = rand.NewChaCha8([32]byte{}).Read(want)
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, want, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	for _, forget := range []struct{ at, size int64 }{{0, 0}, {0, int64(len(want))}, {1 << 20, 1 << 20}, {2 << 20, 0}} {
		_ = unix.Fadvise(int(w.Fd()), forget.at, forget.size, unix.FADV_DONTNEED) // where it is refused all is in memory
		f, err := open(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("without %d bytes at %d: %d bytes read, %v", forget.size, forget.at, len(got), err)
		}
		part := make([]byte, 5000)
		if n, err := f.(io.ReaderAt).ReadAt(part, 2<<20-100); err != nil || !bytes.Equal(part[:n], want[2<<20-100:][:5000]) {
			t.Errorf("without %d bytes at %d: a part is not what is there: %v", forget.size, forget.at, err)
		}
		if n, err := f.(io.ReaderAt).ReadAt(part, int64(len(want))-10); n != 10 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
		f.Close()
	}
}

// Files of the kernel's own have no page cache, and it does not say what of them is there.
func TestAFileOfTheKernelIsRead(t *testing.T) {
	const name = "/proc/version"
	want, err := os.ReadFile(name)
	if err != nil {
		t.Skip(err)
	}
	f, err := open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
