package scale

import (
	"math"
	"strconv"
)

// AppendNumber appends v with digits decimals and a comma between thousands.
func AppendNumber(b []byte, v float64, digits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "–"...)
	}
	if v == 0 {
		v = 0 // never −0
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', digits, 64)
	if b[start] == '-' {
		b = append(b, 0, 0)
		copy(b[start+3:], b[start+1:len(b)-2])
		copy(b[start:], "−")
		start += 3
	}
	point := len(b)
	for i := start; i < len(b); i++ {
		if b[i] == '.' {
			point = i
			break
		}
	}
	for i := point - 3; i > start; i -= 3 {
		b = append(b, 0)
		copy(b[i+1:], b[i:len(b)-1])
		b[i] = ','
	}
	return b
}

// AppendSig appends v with about three significant digits: 0.00042, 0.123, 4.56, 78.9, 1,234.
func AppendSig(b []byte, v float64) []byte {
	a := math.Abs(v)
	switch {
	case a == 0 || a >= 100 || math.IsNaN(v):
		return AppendNumber(b, v, 0)
	case a >= 10:
		return AppendNumber(b, v, 1)
	case a < 1e-6:
		return strconv.AppendFloat(b, v, 'e', 2, 64)
	}
	return AppendNumber(b, v, 2-int(math.Floor(math.Log10(a))))
}

// AppendTick appends a round v as an axis shows it, without zeros at its end: 0.0005, 2, 10,000.
func AppendTick(b []byte, v float64) []byte {
	digits := 0
	if a := math.Abs(v); a > 0 && (a < 1e-6 || a >= 1e8) {
		return strconv.AppendFloat(b, v, 'g', 3, 64)
	}
	if a := math.Abs(v); a > 0 && a < 1e9 {
		for digits < 12 && math.Abs(a*math.Pow(10, float64(digits))-math.Round(a*math.Pow(10, float64(digits)))) > 1e-6*a*math.Pow(10, float64(digits)) {
			digits++
		}
	}
	return AppendNumber(b, v, digits)
}

// Number is AppendNumber as a string.
func Number(v float64, digits int) string { return string(AppendNumber(nil, v, digits)) }

// Sig is AppendSig as a string.
func Sig(v float64) string { return string(AppendSig(nil, v)) }
