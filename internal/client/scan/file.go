package scan

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/client/source"
)

// packed lists the suffixes of files that are compressed as a whole.
var packed = [...]string{".zst", ".zstd"}

// unpacked returns the name of a file without a suffix that says that it is packed, and whether there is one.
func unpacked(name string) (string, bool) {
	for _, suffix := range packed {
		if bare, ok := strings.CutSuffix(name, suffix); ok {
			return bare, true
		}
	}
	return name, false
}

// file is a source.File on the disk.
type file struct {
	*worker
	candidate
	source  string // that it belongs to
	stream  io.Reader
	size    int64  // bytes read, unpacked
	from    int64  // where reading began
	ahead   int64  // bytes that are not in the progress yet
	started bool   // the first line has been cut
	torn    bool   // the line at hand has no end
	grows   bool   // reading can go on behind its last whole line
	begun   int64  // bytes of a last line that its tool is in the middle of
	head    uint32 // the tailSum of its first bytes, once that is known
	whole   int64  // the end of its last whole line, once the tailSum of what is before that is known
	tailSum uint32
	reading reading
	base    *base // of a database, once its tables have been asked for
}

func (f *file) Path() string            { name, _ := unpacked(f.path); return name }
func (f *file) Origin() string          { return f.origin() }
func (f *file) Lines() iter.Seq[[]byte] { return f.lines }

func (f *file) Zone() *time.Location {
	f.reading.zoned = true
	return f.zone
}

func (f *file) Modified() time.Time {
	f.reading.dated = false
	return time.Unix(0, f.stamp.Modified).UTC()
}

func (f *file) Fault(why source.Fault) {
	if !f.torn || why != source.Malformed {
		f.reading.faults[why]++
	}
}

func (f *file) Bytes() []byte {
	var b bytes.Buffer
	b.Grow(int(min(f.stamp.Size, int64(f.limit))) + bytes.MinRead)
	for b.Len() <= f.limit {
		n, err := f.next(f.buffer)
		b.Write(f.buffer[:n])
		if err != nil {
			return bytes.TrimPrefix(b.Bytes(), byteOrderMark)
		}
	}
	f.reading.oversize++
	return nil
}

// lines yields the lines of the stream. Its buffer grows only for a line that does not fit, and not beyond the limit. What is
// read at once is little enough to stay in the processor's cache until its lines were looked at.
func (f *file) lines(yield func([]byte) bool) {
	buf := f.buffer
	defer func() { f.keep(buf) }()
	have, searched := 0, 0 // bytes in buf that are not yet yielded, and of these the ones that hold no end of a line
	for {
		n, err := f.next(buf[have:min(len(buf), have+bufferSize)])
		have += n
		rest, ok := f.cut(buf[:have], searched, yield)
		if !ok {
			return
		}
		f.note(buf[:have-len(rest)], len(rest))
		if len(rest) < have {
			have = copy(buf, rest)
		}
		searched = have
		if err != nil {
			if f.torn = true; f.grows && f.reading.err == nil && unfinished(buf[:have]) {
				f.begun = int64(have) // to be read when it is whole: a parser could not go on behind half of it
				return
			}
			f.line(buf[:have], yield)
			return
		}
		if have < len(buf) {
			continue
		}
		if len(buf) < f.limit {
			buf = append(buf, make([]byte, len(buf))...)
			continue
		}
		f.reading.oversize++
		if have, ok = f.skipLine(buf); !ok {
			return
		}
		searched = 0
	}
}

// note makes the print of the last whole lines, for remember, where they are at hand at the end of a file: all but the given bytes of it.
func (f *file) note(lines []byte, left int) {
	if f.head != 0 && f.atEnd() && len(lines) >= tailSize {
		f.whole, f.tailSum = f.from+f.size-int64(left), tailSum(lines[len(lines)-tailSize:])
	}
}

// unfinished reports whether a line without an end is the beginning of an object.
func unfinished(b []byte) bool {
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return false
	}
	w := jsonwalk.New(b)
	w.Skip()
	return w.End() != nil
}

// cut yields the lines that end in b, of which the first from bytes hold no end, and returns what follows the last of them.
func (f *file) cut(b []byte, from int, yield func([]byte) bool) (rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return b, true
		}
		if !f.line(b[:from+i], yield) {
			return nil, false
		}
		b, from = b[from+i+1:], 0
	}
}

// line yields one line, unless it is blank.
func (f *file) line(b []byte, yield func([]byte) bool) bool {
	if !f.started {
		b = bytes.TrimPrefix(b, byteOrderMark)
		f.started = true
	}
	b = bytes.TrimSpace(b)
	return len(b) == 0 || yield(b)
}

// skipLine reads on to the end of a line and returns how much of the next ones it left at the beginning of buf.
func (f *file) skipLine(buf []byte) (have int, ok bool) {
	f.started = true
	for {
		n, err := f.next(buf[:bufferSize])
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return copy(buf, buf[i+1:n]), true
		}
		if err != nil {
			return 0, false
		}
	}
}

// next reads on. At the end, where the reader's patience ends and where the stream is broken it returns an error. What was added to a log
// since it was looked at is left for the next time, so that its end need not be asked for.
func (f *file) next(b []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	if f.atEnd() {
		return 0, io.EOF
	}
	n, err := f.stream.Read(b)
	if f.grows && f.from+f.size == 0 && n >= tailSize {
		f.head = tailSum(b[:tailSize])
	}
	f.size += int64(n)
	if step := min(int64(n), f.ahead); step > 0 {
		f.ahead -= step
		f.progress.add(step)
	}
	// A packed file that ends too early is one that is still being written, as a line without an end is.
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.reading.err = err
	}
	return n, err
}

// atEnd reports whether all of a log was read that it had when it was looked at.
func (f *file) atEnd() bool { return f.grows && f.size > 0 && f.from+f.size == f.stamp.Size }

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}
