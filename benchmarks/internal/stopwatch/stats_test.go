package stopwatch

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

// The textbook has these ranks: of 10 values the 2nd and the 9th.
func TestMedianKeepsTheOrderOfItsArgument(t *testing.T) {
	values := []float64{9, 1, 10, 2, 8, 3, 7, 4, 6, 5}
	got := Median(values)
	if got.Center != 5.5 || got.Lo != 2 || got.Hi != 9 {
		t.Errorf("Median = %v (%v to %v), want 5.5 (2 to 9)", got.Center, got.Lo, got.Hi)
	}
	if values[0] != 9 || values[9] != 5 {
		t.Errorf("values = %v after Median, want the order of before", values)
	}
	if got := Median(values[:5]); !math.IsInf(got.Lo, -1) && !math.IsInf(got.Hi, 1) {
		t.Errorf("Median of five values = %v to %v, want an open interval", got.Lo, got.Hi)
	}
}
