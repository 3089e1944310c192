package stopwatch

import (
	"slices"

	"golang.org/x/perf/benchmath"
)

// Median is the median of values and its 95 % confidence interval, as benchstat computes them. The
// interval assumes nothing about the distribution. With fewer than six values it has no lower or no
// upper bound.
func Median(values []float64) benchmath.Summary {
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds) // sorts its argument
	return benchmath.AssumeNothing.Summary(sample, 0.95)
}

// means cuts values into at most n runs of about the same length, and returns the mean of each.
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
