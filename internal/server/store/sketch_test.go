package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// responses are numbers; those of one device follow each other, so that two devices share a span of them.
func sketchOf(from, to int) Sketch {
	var marks [][]byte
	for i := from; i < to; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		marks = append(marks, sum[:MarkBytes])
	}
	slices.SortFunc(marks, bytes.Compare)
	return bytes.Join(marks[:min(len(marks), SketchMarks)], nil)
}

// Of two cells with as many responses as a sketch has room for, or fewer, it is known what they share; whatever their size, what share
// nothing is never said to share anything, and what is a part of another never to be less than whole.
func TestSharesAreRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.IntRange(1, SketchMarks-1).Draw(t, "one")
		other := rapid.IntRange(1, SketchMarks-1).Draw(t, "another")
		both := rapid.IntRange(0, min(small, other)).Draw(t, "both")
		base := rapid.IntRange(0, 1<<30).Draw(t, "base")
		one, another := sketchOf(base, base+small), sketchOf(base+small-both, base+small-both+other)
		if got, want := one.ShareIn(another), both*100/small; got != want && !(got == 1 && both > 0) {
			t.Errorf("%d of %d: %d %%", both, small, got)
		}
		large := rapid.IntRange(1, 1000).Draw(t, "large")
		within := sketchOf(base, base+large)
		part := sketchOf(base, base+max(1, large*rapid.IntRange(1, 100).Draw(t, "percent")/100))
		if got := part.ShareIn(within); got != 100 && got != 0 { // nothing of it is in the sample
			t.Errorf("a part of the whole shares %d %%", got)
		}
		if got := within.ShareIn(sketchOf(base+large, base+2*large)); got != 0 {
			t.Errorf("nothing in common, and %d %%", got)
		}
		if !within.Valid() || !part.Valid() || within.ShareIn(within) != 100 {
			t.Errorf("a sketch of %d responses", large)
		}
	})
}

// The error of an estimate is what ADR 20 says: the root of s(1-s) by the sample, which is 64 responses for days of one size.
func TestErrorOfShares(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		small, times int
		share, most  float64 // the root of the mean square error, in points
	}{
		{500, 1, 0.5, 6.25}, {500, 1, 0.98, 1.75}, {500, 1, 0.1, 3.75}, {500, 4, 0.5, 12.5}, {200, 16, 0.5, 25}, {40, 1, 0.5, 0}, {40, 4, 0.5, 12.5},
	} {
		const rounds = 300
		sum := 0.0
		for range rounds {
			from := r.IntN(1 << 40)
			both := int(float64(tt.small) * tt.share)
			other := from + tt.small - both
			got := sketchOf(from, from+tt.small).ShareIn(sketchOf(other, other+tt.small*tt.times))
			sum += math.Pow(float64(got)-100*float64(both)/float64(tt.small), 2)
		}
		if got := math.Sqrt(sum / rounds); got > tt.most*1.2+1 {
			t.Errorf("%d responses beside %d times as many, %.0f %% shared: off by %.1f points, want %.1f", tt.small, tt.times, 100*tt.share, got, tt.most)
		}
	}
}

// Bytes that are no sketch are not taken for one.
func TestValidSketches(t *testing.T) {
	whole := sketchOf(0, 100)
	for name, bad := range map[string]Sketch{
		"empty": nil, "a byte short": whole[:len(whole)-1], "falling": append(bytes.Clone(whole[MarkBytes:2*MarkBytes]), whole[:MarkBytes]...),
		"a mark twice": append(bytes.Clone(whole[:MarkBytes]), whole[:MarkBytes]...), "too long": append(bytes.Clone(whole), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
	} {
		if bad.Valid() {
			t.Errorf("%s is taken", name)
		}
	}
	if !whole.Valid() {
		t.Error("a whole sketch is not taken")
	}
}

func BenchmarkShare(b *testing.B) {
	one, another := sketchOf(0, 500), sketchOf(200, 900)
	b.ReportAllocs()
	for b.Loop() {
		one.ShareIn(another)
	}
}
