package scan

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// outcome is how it went with one file.
type outcome struct {
	kept     bool  // nothing was read: the file is as the ledger knows it
	gone     bool  // the file went away after it was found
	database bool  // it was opened as one
	size     int64 // bytes read, unpacked; of what is kept the file's
	faults   [source.Faults]int
	oversize int   // lines, or the whole file, longer than maxLine
	err      error // it ended the reading early
}

// reading is what reading one file gave.
type reading struct {
	outcome
	part    source.Part
	resumed bool     // only what is new was read
	lost    []bool   // of a part that was gone on with: entries that the file no longer held before
	zoned   bool     // the parser asked for the zone
	dated   bool     // it did not ask for the file's own time
	racy    bool     // the file may have been written to since without a new stamp
	beside  []string // patterns of the files that it was completed with
	stamp   uint64   // a digest of the stamps of what was read beside
	whole   int64    // bytes up to the end of the last line, if reading can go on there
	tail    uint64   // a digest of the bytes before it
}

// readAll reads the files of all finds, the largest first, so that no worker is left alone with a large one.
func readAll(ctx context.Context, finds []*find, o Options, a access, known knownFile, absorb func(f *find, i int, r reading)) error {
	type job struct{ f, i int }
	var jobs []job
	p := progress{report: o.Progress, opened: o.Opened}
	for f, found := range finds {
		for i, c := range found.files {
			if found.outcomes[i].kept {
				continue
			}
			jobs = append(jobs, job{f, i})
			p.total += c.stamp.Size
		}
	}
	if p.files = len(jobs); p.files > 0 {
		p.add(0)
	}
	size := func(j job) int64 { return finds[j.f].files[j.i].stamp.Size }
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(size(b), size(a)) })
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), max(1, len(jobs))) {
		workers.Go(func() {
			w := newWorker(ctx, a, &p)
			w.zone = o.Zone
			defer w.close()
			for i := next.Add(1) - 1; i < int64(len(jobs)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				j := jobs[i]
				found := finds[j.f]
				absorb(found, j.i, w.read(found.source, found.files[j.i], func() (*ledger.File, *ledger.Kept) { return known(found, j.i) }))
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// knownFile returns what is known of a file, if reading can go on where it ended.
type knownFile func(f *find, i int) (*ledger.File, *ledger.Kept)

// read opens one file and lets the source's parser read it, or what is new of it.
func (w *worker) read(s source.Source, c candidate, known func() (*ledger.File, *ledger.Kept)) reading {
	w.progress.open(s.ID, c.name)
	looked := time.Now()
	stream, err := w.access.open(c.name)
	if err != nil {
		w.progress.add(c.stamp.Size)
		return reading{outcome: outcome{err: err, gone: errors.Is(err, fs.ErrNotExist)}}
	}
	defer stream.Close()
	f := &w.file
	*f = file{worker: w, candidate: c, source: s.ID, ahead: c.stamp.Size}
	defer func() { w.progress.add(f.ahead) }()
	if f.stream, err = w.unpack(c.name, stream); err != nil {
		return reading{outcome: outcome{err: err}}
	}
	f.reading.dated = true
	r := f.readAs(s, stream, known)
	var newest fs.FileInfo
	r.stamp, newest = besidePrint(w.access, &c, r.database, r.beside)
	r.racy = racy(c.stamp, looked) || newest != nil && racy(stampOf(newest), looked)
	return r
}

// readAs lets the parser read a file that is open.
func (f *file) readAs(s source.Source, stream io.ReadCloser, known func() (*ledger.File, *ledger.Kept)) reading {
	random, ok := stream.(io.ReaderAt)
	ok = ok && s.Resume != nil && f.stream == io.Reader(stream)
	f.grows = ok
	if ok && f.resume(s, random, known) {
		return f.reading
	}
	f.reading.part = s.Read(f)
	if f.base != nil {
		return f.endTables(s)
	}
	f.reading.part.Size = f.size
	if ok && f.reading.err == nil {
		f.remember(random, f.size-f.begun)
	}
	return f.reading
}

// resume reads what is new behind the lines that are known, if they still stand there.
func (f *file) resume(s source.Source, random io.ReaderAt, known func() (*ledger.File, *ledger.Kept)) bool {
	before, kept := known()
	if before == nil || f.stamp.Size < before.Whole {
		return false
	}
	if tail, ended := tailPrint(random, before.Whole, &f.tail); !ended || tail != before.Tail {
		return false
	}
	whole := f.stream
	f.stream, f.started, f.from = io.NewSectionReader(random, before.Whole, math.MaxInt64-before.Whole), true, before.Whole
	part, ok := s.Resume(f, kept.Part)
	if !ok {
		f.stream, f.started, f.from, f.size, f.whole = whole, false, 0, 0, 0
		return false
	}
	f.reading.part = part
	for why, n := range before.Faults {
		f.reading.faults[why] += n
	}
	f.reading.oversize += before.Oversize
	f.reading.part.Size = before.Whole + f.size
	f.reading.resumed, f.reading.lost = true, kept.Lost
	f.reading.zoned = f.reading.zoned || before.Zone != 0
	if f.reading.err == nil {
		f.remember(random, before.Whole+f.size-f.begun)
	}
	return true
}

// remember notes where reading can go on, if the last line that was shown to the parser has an end.
func (f *file) remember(random io.ReaderAt, at int64) {
	if f.whole == at && at > 0 {
		f.reading.whole, f.reading.tail = at, printOf(f.head, f.tailSum)
	} else if tail, ended := tailPrint(random, at, &f.tail); ended {
		f.reading.whole, f.reading.tail = at, tail
	}
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

// add notes that so many bytes more were read, or need not be.
func (p *progress) add(size int64) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read += size
	p.report(p.read, p.total, p.files)
}
