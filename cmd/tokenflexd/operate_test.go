package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/wire"
)

// The metrics say what happened, to whoever has the token, and nothing of anybody.
func TestMetrics(t *testing.T) {
	const secret = "a-secret-of-prometheus"
	env := environment("STATE_DIRECTORY", t.TempDir())
	origin, log, stop := serving(t, env, "--metrics", "127.0.0.1:0", "--metrics-token", secret)
	_, out, _ := command(t, env, "admin", "token", "canary-handle", "--device", "canary-device")
	token := strings.TrimSpace(out)
	body := strings.NewReader(`{"v":1,"seq":1,"rows":[{"day":"` + today() + `","source":"canary-source","model":"canary-model","input":5,"requests":1,"cost_usd":5}]}`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+wire.PathUsage, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	get(t, origin+"/canary-path?canary-query=1", "")
	get(t, origin+wire.PathMe, "tf_live_canary")
	send(t, origin, token, "2019-01-01", 2, "7")

	m := regexp.MustCompile(`"msg":"metrics","address":"([^"]+)"`).FindStringSubmatch(log.String())
	if m == nil {
		t.Fatalf("the log does not say where metrics are:\n%s", log)
	}
	if status, _ := get(t, "http://"+m[1]+"/metrics", "another-secret-of-somebody"); status != http.StatusUnauthorized {
		t.Errorf("without the token: %d", status)
	}
	status, text := get(t, "http://"+m[1]+"/metrics", secret)
	for _, line := range []string{
		`tokenflexd_http_requests_total{code="200",route="POST ` + wire.PathUsage + `"} 1`,
		`tokenflexd_http_requests_total{code="404",route="none"} 1`,
		`tokenflexd_ingest_rows_total{result="written"} 1`,
		`tokenflexd_ingest_rows_total{result="rejected"} 1`,
		`tokenflexd_ingest_rejects_total{code="invalid-rows"} 1`,
		`tokenflexd_ingest_ignored_members_total 1`,
		`tokenflexd_auth_failures_total{kind="token"} 1`,
		`tokenflexd_http_duration_seconds_count{route="POST ` + wire.PathUsage + `"} 2`,
		`tokenflexd_db_pool_max{pool="writer"} 1`,
		`tokenflexd_board_snapshot_age_seconds `,
		`tokenflexd_migration_version `,
		`process_resident_memory_bytes`,
		`go_goroutines`,
	} {
		if status != http.StatusOK || !strings.Contains(text, line) {
			t.Errorf("status %d, no %s", status, line)
		}
	}
	if strings.Contains(text, "canary") || strings.Contains(text, "127.0.0.1") || strings.Contains(text, token) {
		t.Error("the metrics tell of somebody")
	}
	if status, _ := get(t, origin+"/metrics", secret); status != http.StatusNotFound {
		t.Errorf("the site itself answers /metrics with %d", status)
	}
	stop()
	if _, err := net.DialTimeout("tcp", m[1], time.Second); err == nil {
		t.Error("metrics are still there")
	}
}

// systemd hears that the service is ready, that it is well while its database is, and that it stops.
func TestSystemdIsTold(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	heard := func() string {
		t.Helper()
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 256)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	state := filepath.Join(dir, "state")
	_, _, stop := serving(t, environment("STATE_DIRECTORY", state, "NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "20000"))
	said := map[string]int{}
	for range 6 {
		said[heard()]++
	}
	if said["READY=1"] != 1 || said["WATCHDOG=1"] != 5 {
		t.Errorf("systemd hears %v", said)
	}
	// A database that is another's is not well.
	spoil(t, filepath.Join(state, "tokenflexd.db"), "UPDATE goose_db_version SET version_id = 9998 WHERE id = (SELECT max(id) FROM goose_db_version)")
	quiet := time.Now().Add(150 * time.Millisecond)
	conn.SetReadDeadline(quiet)
	for b := make([]byte, 256); ; { // what was on its way
		if _, err := conn.Read(b); err != nil {
			break
		}
		if time.Now().After(quiet) {
			t.Error("the watchdog goes on being told that all is well")
			break
		}
	}
	stop()
	for last := ""; last != "STOPPING=1"; last = heard() {
	}
}

// With --stop-delay a balancer has time to see /readyz say no while requests are still answered.
func TestStopDelay(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	origin, _, stop := serving(t, env, "--stop-delay", "1s")
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	status := func(path string) int {
		t.Helper()
		answer, err := fresh.Get(origin + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if status("/readyz") != http.StatusOK {
		t.Fatal("not ready")
	}
	ended := make(chan int)
	go func() { ended <- stop() }()
	for status("/readyz") == http.StatusOK {
	}
	if status("/api/v1/leaderboard") != http.StatusOK || status("/healthz") != http.StatusOK {
		t.Error("it answers no more")
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit %d", code)
	}
}

// A certificate is spoken by, and a renewed one is taken up.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	renew(t, cert, key, 1)
	env := environment("STATE_DIRECTORY", dir, "TOKENFLEXD_TLS_CERT", cert, "TOKENFLEXD_TLS_KEY", key)
	var stop func() int
	origin := ""
	if code, _, errOut := command(t, env, "serve", "--listen", "127.0.0.1:0", "--tls-cert", key); code != exitFailure || !strings.Contains(errOut, "certificate") {
		t.Errorf("a key for a certificate: %d %q", code, errOut)
	}
	origin, _, stop = serving(t, env)
	defer stop()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Get(origin + "/.well-known/tokenflexing")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var d struct{ Issuer string }
	if err := json.NewDecoder(answer.Body).Decode(&d); err != nil || d.Issuer != origin || answer.TLS == nil || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("issuer %q, %v, %v", d.Issuer, answer.Header, err)
	}
	if code, out, errOut := command(t, env, "healthcheck", "--listen", strings.TrimPrefix(origin, "https://")); code != 0 {
		t.Errorf("healthcheck: %d %q %q", code, out, errOut)
	}

	c := &certificate{cert: cert, key: key}
	serial := func() int64 {
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if serial() != 1 {
		t.Error("not the first certificate")
	}
	renew(t, cert, key, 2)
	later := time.Now().Add(time.Hour)
	os.Chtimes(cert, later, later)
	if serial() != 1 {
		t.Error("the files are read at every handshake")
	}
	c.looked = time.Time{}
	if serial() != 2 {
		t.Error("the renewed certificate is not taken up")
	}
	os.Remove(key)
	os.Chtimes(cert, later.Add(time.Hour), later.Add(time.Hour))
	c.looked = time.Time{}
	if serial() != 2 {
		t.Error("without its files the certificate is gone")
	}
}

// renew writes a certificate for loopback with that number.
func renew(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kder, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(cert), filepath.Base(cert), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, filepath.Dir(key), filepath.Base(key), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kder})))
}
