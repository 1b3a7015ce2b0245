package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/store"
)

// pages are how boards were read.
type pages struct {
	rank                       int64
	html, json, signedIn, next spread
	mixed                      spread        // while others upload
	sameCPU, nextCPU           time.Duration // of a page
}

// turned is how many pages one after the other are read, from the rank on.
const turned = 1000

// boards reads a page at a rank again and again, as a stranger and signed in, and then one page after the other.
func (e *engine) boards(ctx context.Context, s sizes, server *process, u *uploads) (p pages, err error) {
	p.rank = min(s.rank, s.users/2)
	if e.name == "postgres" {
		p.rank = min(s.rank, max(s.users, s.scores)/2)
	}
	cursors, err := e.cursorsFrom(ctx, p.rank)
	if err != nil {
		return p, err
	}
	var reader *process
	if err := patiently(func() (err error) { reader, err = e.signIn(ctx, server); return err }); err != nil {
		return p, err
	}
	at := func(page int64) string {
		return "?period=all&cursor=" + url.QueryEscape(cursors[page%int64(len(cursors))])
	}
	if err := patiently(func() error { return server.get(ctx, "/"+at(0)) }); err != nil { // whatever is done once
		return p, err
	}
	same := func(from *process, path string) func(context.Context, int, int64) error {
		return func(ctx context.Context, _ int, _ int64) error { return from.get(ctx, path) }
	}
	for _, one := range []struct {
		name string
		into *spread
		cpu  *time.Duration
		ask  func(context.Context, int, int64) error
	}{
		{"page", &p.html, &p.sameCPU, same(server, "/"+at(0))},
		{"page, signed in", &p.signedIn, new(time.Duration), same(reader, "/"+at(0))},
		{"board", &p.json, new(time.Duration), same(server, "/api/v1/leaderboard"+at(0))},
		{"one page after the other", &p.next, &p.nextCPU, func(ctx context.Context, _ int, n int64) error { return server.get(ctx, "/"+at(n)) }},
	} {
		before := e.used(server)
		*one.into = load(ctx, 2, s.measure, one.ask)
		*one.cpu = each(e.used(server)-before, len(one.into.took))
		progress("%s: %s at rank %d: %s, %s of processor each", e.name, one.name, p.rank, one.into, ms(*one.cpu))
	}
	sending, stop := context.WithCancel(ctx)
	sent := make(chan spread)
	go func() {
		sent <- load(sending, 2, s.measure, func(ctx context.Context, w int, _ int64) error { return u.send(ctx, server, w) })
	}()
	p.mixed = load(ctx, 2, s.measure, func(ctx context.Context, _ int, n int64) error { return server.get(ctx, "/"+at(n)) })
	stop()
	progress("%s: the same while 2 clients upload: %s", e.name, p.mixed)
	progress("%s: their uploads: %s", e.name, <-sent)
	return p, nil
}

// patiently tries for a minute: a database that was just filled is busy with that for a while.
func patiently(do func() error) (err error) {
	for range 60 {
		if err = do(); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// cursorsFrom makes the cursors that a reader would have who turns pages from a rank on.
func (e *engine) cursorsFrom(ctx context.Context, rank int64) (cursors []string, err error) {
	var key []byte
	if err := e.db.QueryRowContext(ctx, "SELECT value FROM "+e.schema+"secret WHERE name = 'server'").Scan(&key); err != nil {
		return nil, err
	}
	const lines = 50
	rows, err := e.db.QueryContext(ctx, fmt.Sprintf(`SELECT tokens, user_id FROM %sscore WHERE period = 'all' AND source = '' AND family = '' AND visibility = 2
		ORDER BY tokens DESC, user_id DESC LIMIT %d OFFSET %d`, e.schema, turned*lines, rank-1))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		var m store.Mark
		if err := rows.Scan(&m.Value, &m.User); err != nil {
			return nil, err
		}
		if n%lines == 0 {
			cursors = append(cursors, board.Cursor(key, store.Board{Period: store.Always.Name, Metric: store.ByTokens}, m))
		}
	}
	if len(cursors) == 0 {
		return nil, errors.New("nobody stands at the rank")
	}
	return cursors, rows.Err()
}

// signIn opens a session of one of the accounts, as people do, and returns the server as they ask it.
func (e *engine) signIn(ctx context.Context, server *process) (*process, error) {
	var link bytes.Buffer
	if err := tokenflexd(ctx, &link, "admin", "invite", fmt.Sprint("u", firstCopy), "--db", e.owner); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	_, secret, ok := strings.Cut(strings.TrimSpace(link.String()), "/signin/")
	if !ok {
		return nil, errors.New("no link in: " + link.String())
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.site+"/signin/"+secret, nil)
	if err != nil {
		return nil, err
	}
	reader := &process{site: server.site, http: &http.Client{Timeout: server.http.Timeout, Transport: server.http.Transport, Jar: jar}}
	return reader, reader.do(r)
}
