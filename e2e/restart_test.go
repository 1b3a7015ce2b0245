package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// systemd keeps the socket while the server is replaced, as deploy/systemd/tokenflexd.socket says: requests flow through a
// restart, some wait, and none fails.
func TestRestartBehindASocketOfSystemd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("systemd is on Linux")
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	db := filepath.Join(t.TempDir(), "tokenflexd.db")
	activated := func() *host {
		h := &host{t: t, db: db, adminDB: db, log: new(journal)}
		// What systemd does: the socket is descriptor 3, and the variables name this very process.
		c := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`, "sh", filepath.Join(bin, "tokenflexd"), "serve", "--db", db, "--limit-scale", "1000")
		c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		c.Stderr, c.ExtraFiles = h.log, []*os.File{socket}
		h.run(c)
		t.Cleanup(func() {
			h.stop()
			redacted(t, h.log.String())
		})
		return h
	}
	h := activated()
	if want := "http://" + listener.Addr().String(); h.site != want {
		t.Fatalf("it listens on %s, the socket is %s", h.site, want)
	}
	f := flowTo(t, h.site, h.admin("token", "mira", "--device", "flow"))
	for range 3 {
		f.until(f.done.Load() + 10)
		h.stop()
		h = activated()
	}
	f.until(f.done.Load() + 10)
	f.end()
	if !strings.Contains(h.get("/api/v1/leaderboard?period=all"), `"items":[]`) {
		t.Error("a private account is on the board")
	}
}
