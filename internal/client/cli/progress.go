package cli

import (
	"fmt"
	"sync"
	"time"

	"tokenflex.ing/internal/client/render"
)

// progress is the line that shows how far the reading is. It appears after a second, so that a fast scan shows nothing.
type progress struct {
	app   *App
	start time.Time

	mu    sync.Mutex
	said  time.Time
	shown bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

func newProgress(a *App) *progress { return &progress{app: a, start: a.Now()} }

// show is a scan.Progress.
func (p *progress) show(done, total int64, files int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.app.Now()
	since := now.Sub(p.start)
	if since < progressAfter || now.Sub(p.said) < progressEvery {
		return
	}
	p.said, p.shown = now, true
	r := render.Reading{Done: done, Total: total, Files: files, Speed: int64(float64(done) / since.Seconds())}
	if done > 0 {
		r.Left = time.Duration(float64(since) * float64(total-done) / float64(done))
	}
	style := render.Style{Width: p.app.width(), Color: p.app.color(false)}
	fmt.Fprint(p.app.Err, "\r\x1b[K"+render.Progress(style, r))
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.app.clearLine(p.shown)
}
