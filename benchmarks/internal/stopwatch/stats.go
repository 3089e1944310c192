package stopwatch

import (
	"math"
	"slices"
)

// quantile is the value below which a share q of values lies, interpolated; 0 of
// none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// means cuts values into at most n runs of about the same length, and returns the
// mean of each.
func means(values []float64, n int) []float64 {
	n = min(n, len(values))
	out := make([]float64, 0, n)
	for i := range n {
		run := values[i*len(values)/n : (i+1)*len(values)/n]
		var sum float64
		for _, v := range run {
			sum += v
		}
		out = append(out, sum/float64(len(run)))
	}
	return out
}

// medianInterval is the 95 % confidence interval of the median of values. It rests
// on their order alone (each is above the true median or below it, by the toss of
// a coin), so it holds whatever their distribution. Fewer than six values know
// nothing: the interval is then infinite.
func medianInterval(values []float64) (low, high float64) {
	n := len(values)
	// The largest k for which at most 2.5 % of tosses of n coins show fewer than k heads.
	k, below := 0, 0.0
	for ; k <= n/2; k++ {
		if below += binomial(n, k); below > 0.025 {
			break
		}
	}
	if k == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[k-1], sorted[n-k]
}

// binomial is the chance that n coins show k heads.
func binomial(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c - float64(n)*math.Ln2)
}
