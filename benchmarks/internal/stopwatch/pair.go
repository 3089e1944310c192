package stopwatch

import (
	"context"
	"time"
)

// Paired is the time of one subject divided by the time of another.
type Paired struct {
	Ratio     float64 // the median over all pairs
	Low, High float64 // its 95 % confidence interval
	Pairs     int
}

// pairSlice is short, because both subjects of a pair must run under the same conditions. It is still
// a thousand times the resolution of getrusage.
const pairSlice = 2 * time.Millisecond

// Pair alternates a and b, a b b a and so on, for about d or until ctx ends.
func Pair(ctx context.Context, a, b Subject, d time.Duration) (Paired, error) {
	na, err := a.calibrate(pairSlice)
	if err != nil {
		return Paired{}, err
	}
	nb, err := b.calibrate(pairSlice)
	if err != nil {
		return Paired{}, err
	}
	var ratios []float64
	for end := time.Now().Add(d); ctx.Err() == nil && (len(ratios) < 8 || time.Now().Before(end)); {
		var x, y time.Duration
		if len(ratios)%2 == 0 {
			x, y, err = both(&a, na, &b, nb)
		} else {
			y, x, err = both(&b, nb, &a, na)
		}
		if err != nil {
			return Paired{}, err
		}
		if y > 0 {
			ratios = append(ratios, float64(x)/float64(na)/(float64(y)/float64(nb)))
		}
	}
	if err := context.Cause(ctx); err != nil && len(ratios) < 8 {
		return Paired{}, err
	}
	median := Median(ratios)
	return Paired{Ratio: median.Center, Low: median.Lo, High: median.Hi, Pairs: len(ratios)}, nil
}

// both runs a and then b.
func both(a *Subject, na int, b *Subject, nb int) (x, y time.Duration, err error) {
	if x, err = a.run(na); err != nil {
		return 0, 0, err
	}
	y, err = b.run(nb)
	return x, y, err
}
