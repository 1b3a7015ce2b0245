package scan

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"tokenflex.ing/internal/client/source"
)

// reading is what reading one file gave.
type reading struct {
	part     source.Part
	faults   [source.Faults]int
	oversize int   // lines, or the whole file, longer than maxLine
	err      error // it ended the reading early
	gone     bool  // the file went away after it was found
	database bool  // it was opened as one
}

// readAll reads the files of all finds, the largest first, so that no worker is left alone with a large one.
func readAll(ctx context.Context, finds []*find, o Options, a access) error {
	type job struct{ f, i int }
	var jobs []job
	p := progress{report: o.Progress, opened: o.Opened}
	for f, found := range finds {
		found.readings = make([]reading, len(found.files))
		for i, c := range found.files {
			jobs = append(jobs, job{f, i})
			p.total += c.info.Size()
		}
	}
	p.files = len(jobs)
	size := func(j job) int64 { return finds[j.f].files[j.i].info.Size() }
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(size(b), size(a)) })
	queue := make(chan job)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), max(1, len(jobs))) {
		workers.Go(func() {
			w := newWorker(ctx, a, &p)
			w.zone = o.Zone
			defer w.close()
			for j := range queue {
				found := finds[j.f]
				found.readings[j.i] = w.read(found.source, found.files[j.i])
			}
		})
	}
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		queue <- j
	}
	close(queue)
	workers.Wait()
	return ctx.Err()
}

// read opens one file and lets the source's parser read it.
func (w *worker) read(s source.Source, c candidate) reading {
	w.progress.open(s.ID, c.name)
	defer w.progress.done(c.info.Size())
	stream, err := w.access.open(c.name)
	if err != nil {
		return reading{err: err, gone: errors.Is(err, fs.ErrNotExist)}
	}
	defer stream.Close()
	f := &file{worker: w, candidate: c, source: s.ID}
	if f.stream, err = w.unpack(c.name, stream); err != nil {
		return reading{err: err}
	}
	f.reading.part = s.Read(f)
	if f.base != nil {
		return f.endTables(s)
	}
	f.reading.part.Size = f.size
	return f.reading
}

// progress tells how far the workers are.
type progress struct {
	mu     sync.Mutex
	report Progress
	opened func(source, name string)
	read   int64
	total  int64
	files  int
}

func (p *progress) open(source, name string) {
	if p.opened == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened(source, name)
}

func (p *progress) done(size int64) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read += size
	p.report(p.read, p.total, p.files)
}
