package stopwatch

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuantile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		values []float64
		q      float64
		want   float64
	}{
		{"the median of an odd number is the one in the middle", []float64{9, 1, 5}, 0.5, 5},
		{"the median of an even number lies between two", []float64{4, 1, 3, 2}, 0.5, 2.5},
		{"a quartile is interpolated", []float64{0, 10, 20}, 0.25, 5},
		{"the last one", []float64{1, 2, 3}, 1, 3},
		{"the only one", []float64{7}, 0.3, 7},
		{"of none", nil, 0.5, 0},
	} {
		if got := quantile(tc.values, tc.q); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestMeansUseEveryValueOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		values []float64
		n      int
		want   []float64
	}{
		{"runs of the same length", []float64{1, 3, 5, 7}, 2, []float64{2, 6}},
		{"a longer run at the end", []float64{1, 3, 5, 7, 9}, 2, []float64{2, 7}},
		{"fewer values than runs", []float64{1, 2}, 10, []float64{1, 2}},
		{"none", nil, 10, []float64{}},
	} {
		if diff := cmp.Diff(tc.want, means(tc.values, tc.n)); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

// The textbook has these ranks: of 10 values the 2nd and the 9th, of 100 the 40th and the 61st.
func TestMedianIntervalHasTheRanksOfTheTextbook(t *testing.T) {
	for n, want := range map[int][2]float64{6: {1, 6}, 10: {2, 9}, 100: {40, 61}} {
		var values []float64
		for i := range n {
			values = append(values, float64(i+1))
		}
		rand.Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
		if low, high := medianInterval(values); low != want[0] || high != want[1] {
			t.Errorf("%d values: %v to %v, want %v", n, low, high, want)
		}
	}
	if low, high := medianInterval([]float64{1, 2, 3, 4, 5}); !math.IsInf(low, -1) || !math.IsInf(high, 1) {
		t.Errorf("five values: %v to %v, want no bounds", low, high)
	}
}
