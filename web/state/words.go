package state

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"clexlab/viz/scene"
)

// Count writes a whole number with thousands apart: "4,096".
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Tokens writes a number of tokens with its word.
func Tokens(n int) string {
	if n == 1 {
		return "1 token"
	}
	return Count(n) + " tokens"
}

// Factor writes t with as many digits as it has, at most two: "4", "2.5", "1.25".
func Factor(t float64) string { return strconv.FormatFloat(scene.RoundT(t), 'f', -1, 64) }

// FixedFactor writes t with two digits for places where it must not jump: "4.00".
func FixedFactor(t float64) string { return strconv.FormatFloat(t, 'f', 2, 64) }

// LengthWords says in words what the slider stands for.
func LengthWords(t float64, window int) string {
	switch {
	case window <= 0:
		return ""
	case t <= MinT:
		return "the length it was trained on"
	case t == math.Trunc(t):
		return fmt.Sprintf("%g times the length it was trained on", t)
	}
	return fmt.Sprintf("%s times the length it was trained on", Factor(t))
}

// ValueText is what a screen reader says of the slider: "t = 4, 1,024 tokens".
func ValueText(t float64, window int) string {
	if window <= 0 {
		return "t = " + Factor(t)
	}
	return fmt.Sprintf("t = %s, %s", Factor(t), Tokens(scene.Length(t, window)))
}

// Bytes writes a size in the unit that suits it: "3.2 MB".
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// Percent writes a share with a useful number of digits: "37 %", "0.4 %", "< 0.1 %".
func Percent(p float64) string {
	switch {
	case math.IsNaN(p):
		return "unknown"
	case p >= 0.995:
		return "100 %"
	case p >= 0.0995:
		return fmt.Sprintf("%.0f %%", 100*p)
	case p >= 0.001:
		return fmt.Sprintf("%.1f %%", 100*p)
	}
	return "< 0.1 %"
}

// TimeLeft says how long something will go on: "about 12 s left"; nothing below a second.
func TimeLeft(d time.Duration) string {
	switch s := int(math.Ceil(d.Seconds())); {
	case d < time.Second:
		return ""
	case s < 100:
		return fmt.Sprintf("about %d s left", s)
	default:
		return fmt.Sprintf("about %d min left", (s+30)/60)
	}
}

// Visible writes a token so that one sees it: spaces as ␣, line ends as ⏎.
func Visible(token string) string {
	if token == "" {
		return "∅"
	}
	return strings.NewReplacer(" ", "␣", "\n", "⏎", "\t", "⇥", "\r", "␍").Replace(token)
}

// Middle shortens a name to at most n runes by leaving out its middle.
func Middle(s string, n int) string {
	r := []rune(s)
	if len(r) <= n || n < 3 {
		return s
	}
	head := (n - 1) / 2
	tail := n - 1 - head
	return string(r[:head]) + "…" + string(r[len(r)-tail:])
}

// Sentence makes an error one for a reader. A file's name stays as it is.
func Sentence(text string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "checkpoint: "), ": file does not exist")
	if first, _, _ := strings.Cut(text, " "); !strings.Contains(first, ".") {
		text = UpperFirst(text)
	}
	return withStop(text)
}

// UpperFirst makes the first letter of a plain English phrase a capital.
func UpperFirst(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// withStop ends words by a stop, where they do not end by one: what browsers say does.
func withStop(words string) string { return strings.TrimRight(words, ".") + "." }
