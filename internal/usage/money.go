package usage

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
)

// Money is an amount in micro-dollars (a millionth of a US dollar). A Day's cost is rounded to it once; sums are sums of days.
type Money int64

// String prints m in dollars with six places, as in JSON: "0.012345".
func (m Money) String() string {
	b, n := make([]byte, 0, 24), uint64(m)
	if m < 0 {
		b, n = append(b, '-'), -n
	}
	b = append(strconv.AppendUint(b, n/1_000_000, 10), '.')
	for unit := uint64(100_000); unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return string(b)
}

// Add returns m+n, held at the largest int64.
func (m Money) Add(n Money) Money { return Money(addSat(int64(m), int64(n))) }

// Pico is an exact amount in pico-dollars (a millionth of a micro-dollar), wide enough for any day's
// tokens at any price. The zero value is nothing. It is never negative.
type Pico struct{ hi, lo uint64 }

// PicoOf returns the cost of n tokens at price pico-dollars a token. Negative arguments count as zero.
func PicoOf(n, price int64) Pico {
	hi, lo := bits.Mul64(uint64(max(0, n)), uint64(max(0, price)))
	return Pico{hi, lo}
}

// Add returns p+q.
func (p Pico) Add(q Pico) Pico {
	lo, carry := bits.Add64(p.lo, q.lo, 0)
	hi, over := bits.Add64(p.hi, q.hi, carry)
	if over != 0 {
		return Pico{math.MaxUint64, math.MaxUint64}
	}
	return Pico{hi, lo}
}

// IsZero reports whether p is nothing.
func (p Pico) IsZero() bool { return p == Pico{} }

// Big returns p as a big integer of pico-dollars.
func (p Pico) Big() *big.Int {
	b := new(big.Int).SetUint64(p.hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(p.lo))
}

// Round returns p in micro-dollars, half to even, held at the largest int64.
func (p Pico) Round() Money {
	const micro = 1_000_000
	if p.hi >= micro { // the quotient would not fit 64 bits
		return math.MaxInt64
	}
	q, r := bits.Div64(p.hi, p.lo, micro)
	if r > micro/2 || r == micro/2 && q&1 == 1 {
		q++
	}
	if q > math.MaxInt64 {
		return math.MaxInt64
	}
	return Money(q)
}

// Split shares m out over parts in proportion to them, so that the shares sum to m exactly: each gets the whole
// micro-dollars below its due, and what is left goes to the largest remainders, the earlier part first.
// It lets a finer view (sessions, hours, projects) add up to the same total as the days.
func (m Money) Split(parts []Pico) []Money {
	if shares, ok := m.split64(parts); ok {
		return shares
	}
	return m.splitBig(parts)
}

func (m Money) splitBig(parts []Pico) []Money {
	shares := make([]Money, len(parts))
	sum := new(big.Int)
	for _, p := range parts {
		sum.Add(sum, p.Big())
	}
	if sum.Sign() == 0 {
		if len(shares) > 0 {
			shares[0] = m
		}
		return shares
	}
	rest := m
	remainders := make([]*big.Int, len(parts))
	for i, p := range parts {
		due := new(big.Int).Mul(p.Big(), big.NewInt(int64(m)))
		q, r := new(big.Int).QuoRem(due, sum, new(big.Int))
		shares[i], remainders[i] = Money(q.Int64()), r
		rest -= shares[i]
	}
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	for _, i := range order[:rest] { // what is left is less than a micro-dollar for each part
		shares[i]++
	}
	return shares
}

// split64 is Split where the parts add up to an amount that fits 64 bits, 18 million dollars. It is false where they do not.
func (m Money) split64(parts []Pico) ([]Money, bool) {
	var sum Pico
	for _, p := range parts {
		sum = sum.Add(p)
	}
	if m < 0 || sum.hi != 0 || sum.lo == 0 {
		return nil, false
	}
	shares := make([]Money, len(parts))
	remainders := make([]uint64, len(parts))
	rest := m
	for i, p := range parts {
		hi, lo := bits.Mul64(p.lo, uint64(m))
		q, r := bits.Div64(hi, lo, sum.lo) // hi is less than the sum, for no part is more than all of them
		shares[i], remainders[i] = Money(q), r
		rest -= shares[i]
	}
	if rest == 0 {
		return shares, true
	}
	order := make([]int32, len(parts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(remainders[b], remainders[a]), cmp.Compare(a, b)) })
	for _, i := range order[:rest] {
		shares[i]++
	}
	return shares, true
}
