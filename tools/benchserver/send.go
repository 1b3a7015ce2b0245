package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tokenflex.ing/internal/wire"
)

// row is a row of an upload, with figures that follow from the first.
type row struct {
	source, model, day string
	input              int64
}

// figureWidth is how wide every figure is written, with blanks before it, so that it can be written over.
const figureWidth = 9

// letter is a device's upload that is written out once, before anything is measured, and sent often with other figures: what a client does
// for an upload would be counted with what the server does for it, since both share the processors.
type letter struct {
	mu   sync.Mutex // a device sends one after the other
	text []byte     // of the whole request
	seq  int        // where its number is
	rows []int      // where the figures of each row begin
}

// figures are the members of a row that are numbers, and what they are of its input.
var figures = []struct {
	name string
	of   func(input int64) int64
}{
	{"input", func(n int64) int64 { return n }},
	{"cache_read", func(n int64) int64 { return n * 7 }},
	{"output", func(n int64) int64 { return n / 5 }},
	{"requests", func(n int64) int64 { return n / 1000 }},
}

// write makes the whole request, from its first line to the end of its body.
func write(token string, rows []row) *letter {
	var l letter
	blank := strings.Repeat(" ", figureWidth)
	body := `{"v":1,"seq":`
	seq := len(body)
	body += strings.Repeat(" ", 2*figureWidth) + `,"client":{"name":"tokenflexing","version":"1.0.0","os":"linux"},"rows":[`
	for i, r := range rows {
		if i > 0 {
			body += ","
		}
		body += fmt.Sprintf(`{"day":%q,"source":%q,"model":%q`, r.day, r.source, r.model)
		l.rows = append(l.rows, len(body))
		for _, f := range figures {
			body += fmt.Sprintf(`,%q:`, f.name) + blank
		}
		body += "}"
	}
	body += "]}"
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n",
		wire.PathUsage, token, len(body))
	l.text, l.seq = []byte(head+body), len(head)+seq
	for i := range l.rows {
		l.rows[i] += len(head)
	}
	for i, r := range rows {
		l.set(i, r.input)
	}
	return &l
}

// set writes the figures of a row.
func (l *letter) set(i int, input int64) {
	at := l.rows[i]
	for _, f := range figures {
		at += len(`,"":`) + len(f.name)
		right(l.text[at:at+figureWidth], f.of(input))
		at += figureWidth
	}
}

// right writes a number at the right end of a place that is wide enough.
func right(place []byte, n int64) {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], n, 10)
	blanks := place[:len(place)-len(text)]
	for i := range blanks {
		blanks[i] = ' '
	}
	copy(place[len(blanks):], text)
}

// lines are connections to a server that stay open, each for one request at a time. A request is written at once, and of the answer no more is
// read than whether the server took it: http.Client takes several times as long.
type lines struct {
	mu   sync.Mutex
	idle []*line
}

type line struct {
	net.Conn
	in *bufio.Reader
}

func (l *lines) take(ctx context.Context, site string) (*line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c, nil
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(site, "http://"))
	if err != nil {
		return nil, err
	}
	return &line{c, bufio.NewReader(c)}, nil
}

func (l *lines) give(c *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, c)
}

func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.idle {
		c.Close()
	}
	l.idle = nil
}

// ask sends a request and returns what was answered unless it is 200.
func (c *line) ask(request []byte, until time.Time) (other string, err error) {
	if err := c.SetDeadline(until); err != nil {
		return "", err
	}
	if _, err := c.Write(request); err != nil {
		return "", err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "", err
	}
	if answer.StatusCode == http.StatusOK {
		_, err = io.Copy(io.Discard, answer.Body)
		return "", err
	}
	says, err := io.ReadAll(answer.Body)
	return fmt.Sprintf("%s %.300s", answer.Status, says), err
}

// upload sends the letter as the device's next.
func (p *process) upload(ctx context.Context, l *letter) error {
	c, err := p.lines.take(ctx, p.site)
	if err != nil {
		return err
	}
	now := time.Now()
	right(l.text[l.seq:l.seq+2*figureWidth], now.UnixMicro())
	other, err := c.ask(l.text, now.Add(patience))
	if err != nil {
		c.Close()
		return err
	}
	p.lines.give(c)
	if other != "" {
		return errors.New("upload: " + other)
	}
	return nil
}
