package main

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"
)

// notify tells systemd about the state of the service (sd_notify), if it asked to be told.
func (p *program) notify(state string) error {
	socket, _ := p.env("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte(state))
	return err
}

// watchdog tells systemd twice in each of its periods that the service is well, for as long as it is.
func (p *program) watchdog(ctx context.Context, ready func(context.Context) error) {
	text, _ := p.env("WATCHDOG_USEC")
	period, err := strconv.ParseInt(text, 10, 64)
	if pid, ok := p.env("WATCHDOG_PID"); err != nil || period <= 0 || ok && pid != strconv.Itoa(os.Getpid()) {
		return
	}
	tick := time.NewTicker(time.Duration(period) * time.Microsecond / 2)
	defer tick.Stop()
	for {
		ping, cancel := context.WithTimeout(ctx, time.Second)
		if ready(ping) == nil {
			p.notify("WATCHDOG=1") // if systemd does not hear it, it does what it is there for
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
