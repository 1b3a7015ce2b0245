package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// firstDescriptor is where systemd puts the sockets that it hands over.
const firstDescriptor = 3

// inherited returns the socket that systemd listens on for this program (LISTEN_FDS), nil without one. Since systemd keeps the
// socket open, a connection that comes while the program restarts waits instead of being refused.
func (p *program) inherited() (net.Listener, error) {
	count, _ := p.env("LISTEN_FDS")
	if pid, _ := p.env("LISTEN_PID"); count == "" || pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	if count != "1" {
		return nil, fmt.Errorf("systemd hands over %s sockets; serve takes one", count)
	}
	f := os.NewFile(firstDescriptor, "systemd's socket")
	defer f.Close() // the listener has its own copy
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("systemd's socket: %w", err)
	}
	return l, nil
}

// open listens on the address.
func open(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: another server listens there; stop it, or give --listen another address", err)
	}
	return l, err
}

// certificate is a pair of files that is read again when it is renewed.
type certificate struct {
	cert, key string
	mu        sync.Mutex
	pair      *tls.Certificate
	looked    time.Time
	changed   time.Time // of the files, as they were read
}

// renewal is how often the files are looked at.
const renewal = time.Minute

// secured makes a listener speak TLS by the certificate.
func secured(l net.Listener, cert, key string) (net.Listener, error) {
	c := &certificate{cert: cert, key: key}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.get}), nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.looked) < renewal {
		return c.pair, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.changed) {
		return c.pair, nil
	}
	pair, loadErr := tls.LoadX509KeyPair(c.cert, c.key)
	if err = errors.Join(err, loadErr); err != nil {
		if c.pair != nil { // half-written, or gone: the old one holds until a new one can be read
			return c.pair, nil
		}
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	c.pair, c.changed = &pair, info.ModTime()
	return c.pair, nil
}
