package jose

import "errors"

var errDate = errors.New("not a NumericDate within the years 1 to 9999")

// The first and the last second that a NumericDate may lie in. RFC 3339, and so time.Time's text form, has
// years up to 9999 only.
const (
	minSeconds = -62135596800 // 0001-01-01T00:00:00Z
	maxSeconds = 253402300799 // 9999-12-31T23:59:59Z
)

// NumericDate is a NumericDate of JSON (RFC 7519 §2), Seconds + Nanoseconds/1e9 after 1970-01-01T00:00:00Z.
// The zero value stands for an absent date.
type NumericDate struct {
	Seconds     int64 // rounded down, also before 1970
	Nanoseconds int32 // 0..999,999,999
	Present     bool
}

// ParseNumericDate reads a number, with or without fraction and exponent. It rounds down to a nanosecond,
// which keeps two dates in order. It refuses anything but a number, and dates outside the years 1 to 9999. v
// must have been checked by ParseObject. The work is linear in the length of v, whatever the exponent is.
func ParseNumericDate(v Value) (NumericDate, error) {
	if v.Kind() != '0' {
		return NumericDate{}, errDate
	}
	s := string(v)
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}

	// Each digit is multiplied by its power of ten and added up.
	point, end := decimalPoint(s)
	var seconds, nanos int64
	below := false // there is a fraction of a nanosecond
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

	if negative { // rounding down increases the absolute value
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

// decimalPoint returns how many digits of s, an unsigned JSON number, are before the decimal point after the
// exponent has been applied. A negative number counts the zeros after the point. end is the index of the
// exponent, or the length of s.
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

// exponent reads the part after the e. The result is capped at 10^15. No text is long enough for its digits
// to bring such a number back into range, so the cap never changes a verdict.
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
