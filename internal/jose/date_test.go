package jose_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestParseNumericDate(t *testing.T) {
	for _, row := range []struct {
		name string
		v    jose.Value
		want jose.NumericDate
		ok   bool
	}{
		{"an integer", "1300819380", date(1300819380, 0), true},
		{"zero", "0", date(0, 0), true},
		{"minus zero", "-0", date(0, 0), true},
		{"minus zero with a fraction and an exponent", "-0.00e9", date(0, 0), true},
		{"a negative integer", "-86400", date(-86400, 0), true},
		{"a fraction", "1.5", date(1, 5e8), true},
		{"a fraction of nine digits", "1.123456789", date(1, 123456789), true},
		{"a fraction beyond a nanosecond is cut", "1.9999999999", date(1, 999999999), true},
		{"a negative fraction is rounded down", "-1.25", date(-2, 75e7), true},
		{"a negative fraction below a nanosecond is rounded down", "-0.0000000001", date(-1, 999999999), true},
		{"a negative fraction that rounds to a whole second", "-0.9999999999", date(-1, 0), true},
		{"an exponent", "13e8", date(1300000000, 0), true},
		{"an exponent with plus and in capitals", "1.3E+9", date(1300000000, 0), true},
		{"an exponent that moves the point to the left", "15e-1", date(1, 5e8), true},
		{"an exponent that brings digits over the point", "1300819380.5e-3", date(1300819, 380500000), true},
		{"an exponent that leaves nothing", "1e-400", date(0, 0), true},
		{"a negative exponent that leaves nothing", "-1e-400", date(-1, 999999999), true},
		{"an exponent of many digits that leaves nothing", "1e-" + jose.Value(strings.Repeat("9", 400)), date(0, 0), true},
		{"zero with an exponent of many digits", "0e" + jose.Value(strings.Repeat("9", 400)), date(0, 0), true},
		{"many zeros before a large exponent", "0." + jose.Value(strings.Repeat("0", 400)) + "1e401", date(1, 0), true},
		{"many zeros after the number", "1" + jose.Value(strings.Repeat("0", 400)) + "e-400", date(1, 0), true},
		{"leading zeros in the exponent", "1e0000000000000000000000002", date(100, 0), true},
		{"the last second of the year 9999", "253402300799.999999999", date(253402300799, 999999999), true},
		{"the first second of the year 1", "-62135596800", date(-62135596800, 0), true},

		{"the year 10000", "253402300800", jose.NumericDate{}, false},
		{"the year 0", "-62135596800.0000000001", jose.NumericDate{}, false},
		{"twelve nines", "999999999999", jose.NumericDate{}, false},
		{"thirteen digits: milliseconds", "1300819380000", jose.NumericDate{}, false},
		{"the largest int64", "9223372036854775807", jose.NumericDate{}, false},
		{"more than an int64", "9223372036854775808", jose.NumericDate{}, false},
		{"2^64 plus one, which would wrap to one", "18446744073709551617", jose.NumericDate{}, false},
		{"the smallest int64", "-9223372036854775808", jose.NumericDate{}, false},
		{"a large exponent", "1e400", jose.NumericDate{}, false},
		{"a large negative number", "-1e400", jose.NumericDate{}, false},
		{"an exponent that would wrap", "1e18446744073709551617", jose.NumericDate{}, false},
		{"an exponent of many digits", "1e" + jose.Value(strings.Repeat("9", 400)), jose.NumericDate{}, false},
		{"a string", `"1300819380"`, jose.NumericDate{}, false},
		{"null", "null", jose.NumericDate{}, false},
		{"true", "true", jose.NumericDate{}, false},
		{"an array", "[1]", jose.NumericDate{}, false},
		{"an object", "{}", jose.NumericDate{}, false},
		{"no value", "", jose.NumericDate{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.ParseNumericDate(row.v)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

var (
	firstNano, _ = new(big.Int).SetString("-62135596800000000000", 10)
	lastNano, _  = new(big.Int).SetString("253402300799999999999", 10)
)

func FuzzNumericDate(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "1300819380", "-1.5", "1.9999999999", "-0.0000000001", "13e8", "15e-1", "1e400", "-1e-400",
		"253402300799.9999999999", "253402300800",
		"-62135596800", "-62135596800.1", "9223372036854775808", "0.00000000000000000001e20", "null", "01", `"1"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v jose.Value
		if jose.ParseObject(`{"d":`+text+`}`, func(_ string, d jose.Value) error { v = d; return nil }) != nil ||
			v != jose.Value(text) {
			return
		}
		if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok && v.Kind() == '0' {
			if n, err := strconv.Atoi(exp); err != nil || n > 5000 || n < -5000 {
				return // the model would work for hours
			}
		}
		got, err := jose.ParseNumericDate(v)

		r, ok := new(big.Rat).SetString(text)
		if ok = ok && v.Kind() == '0'; !ok {
			if err == nil {
				t.Fatalf("%q: accepted, want an error", text)
			}
			return
		}
		nanos := new(big.Int).Mul(r.Num(), big.NewInt(1e9))
		nanos.Div(nanos, r.Denom()) // Euclidean: rounds down
		if in := nanos.Cmp(firstNano) >= 0 && nanos.Cmp(lastNano) <= 0; in != (err == nil) {
			t.Fatalf("%q: err = %v, in range is %v", text, err, in)
		}
		if err != nil {
			return
		}
		seconds, rest := new(big.Int).DivMod(nanos, big.NewInt(1e9), new(big.Int))
		if diff := cmp.Diff(date(seconds.Int64(), int32(rest.Int64())), got); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
