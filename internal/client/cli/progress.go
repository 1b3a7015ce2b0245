package cli

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"tokenflex.ing/internal/client/render"
)

// progress is the line that shows how far the reading is. It appears after a second, so that a fast scan shows nothing, and is written
// anew whether or not something was read since: a large database is one step.
type progress struct {
	app   *App
	style render.Style
	start time.Time
	ended chan struct{}
	done  sync.WaitGroup

	mu sync.Mutex
	at render.Reading
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

func newProgress(a *App, s settings) *progress {
	p := &progress{app: a, style: a.plainStyle(s), start: a.Now(), ended: make(chan struct{})}
	p.done.Go(p.run)
	return p
}

// note is a scan.Progress.
func (p *progress) note(done, total int64, files int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at.Done, p.at.Total, p.at.Files = done, total, files
}

func (p *progress) run() {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	shown := false
	defer func() { p.app.clearLine(shown) }()
	for {
		select {
		case <-p.ended:
			return
		case <-tick.C:
			shown = p.show() || shown
		}
	}
}

// show writes the line, once it is time and something is to be read.
func (p *progress) show() bool {
	p.mu.Lock()
	r := p.at
	p.mu.Unlock()
	since := p.app.Now().Sub(p.start)
	if since < progressAfter || r.Total == 0 {
		return false
	}
	r.Speed = int64(float64(r.Done) / since.Seconds())
	if r.Done > 0 {
		r.Left = time.Duration(float64(since) * float64(r.Total-r.Done) / float64(r.Done))
	}
	style := p.style
	style.Width = cmp.Or(columns(p.app.Err), style.Width)
	fmt.Fprint(p.app.Err, "\r\x1b[K"+render.Progress(style, r))
	return true
}

// stop takes the line away.
func (p *progress) stop() {
	close(p.ended)
	p.done.Wait()
}
