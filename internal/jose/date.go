package jose

import "errors"

var errDate = errors.New("jose: not a NumericDate within the years 1 to 9999")

// The first and the last second that a NumericDate may lie in: the years that RFC 3339 and
// time.Time's text form can say.
const (
	minSeconds = -62135596800 // 0001-01-01T00:00:00Z
	maxSeconds = 253402300799 // 9999-12-31T23:59:59Z
)

// NumericDate is a JSON NumericDate (RFC 7519 §2): Seconds + Nanoseconds/1e9 since
// 1970-01-01T00:00:00Z. The zero value is an absent one.
type NumericDate struct {
	Seconds     int64 // since the epoch, UTC; floor
	Nanoseconds int32 // 0..999,999,999
	Present     bool
}

// ParseNumericDate decodes a number, with or without fraction and exponent, rounded down to a
// nanosecond: so two dates never swap their order. It refuses anything that is not a number and
// whatever lies outside of the years 1 to 9999. v must be checked, as every Value is. The work is
// linear in v's length, however large the exponent.
func ParseNumericDate(v Value) (NumericDate, error) {
	if v.Kind() != '0' {
		return NumericDate{}, errDate
	}
	s := string(v)
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}

	// Each digit is weighed by its power of ten, so that nothing needs to be padded or cut.
	point, end := decimalPoint(s)
	var seconds, nanos int64
	below := false // something is left under a nanosecond
	place := point // the digit's power of ten, plus one
	for i := range end {
		if s[i] == '.' {
			continue
		}
		place--
		switch digit := int64(s[i] - '0'); {
		case digit == 0:
		case place > 11: // 10^12 s is beyond maxSeconds
			return NumericDate{}, errDate
		case place >= 0:
			seconds += digit * powers[place]
		case place >= -9:
			nanos += digit * powers[9+place]
		default:
			below = true
		}
	}

	if negative { // rounding down goes away from zero
		if below {
			nanos++
		}
		seconds, nanos = -seconds, -nanos
		if nanos < 0 {
			seconds, nanos = seconds-1, nanos+1e9
		}
	}
	if seconds < minSeconds || seconds > maxSeconds {
		return NumericDate{}, errDate
	}
	return NumericDate{Seconds: seconds, Nanoseconds: int32(nanos), Present: true}, nil
}

var powers = [12]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11}

// decimalPoint returns the number of digits before the decimal point once the exponent is applied
// (negative: zeros after it), and the index in s, an unsigned JSON number, at which its digits
// end.
func decimalPoint(s string) (point int64, end int) {
	end = len(s)
	whole := -1
	for i := range len(s) {
		switch s[i] {
		case '.':
			whole = i
		case 'e', 'E':
			end = i
			point = exponent(s[i+1:])
		}
	}
	if whole < 0 {
		whole = end
	}
	return point + int64(whole), end
}

// exponent decodes the digits after an e. What is past any sensible length stays there: 10^15
// digits fit into no text, so the digits of the number can't bring it back.
func exponent(s string) int64 {
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	var n int64
	for i := range len(s) {
		n = min(n*10+int64(s[i]-'0'), 1e15)
	}
	if negative {
		return -n
	}
	return n
}
