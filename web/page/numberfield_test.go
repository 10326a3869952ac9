package page

import (
	"strings"
	"testing"
)

func TestNumberFieldsSayWhatTheyWant(t *testing.T) {
	t.Parallel()
	tenths := numberField{label: "Temperature", low: 0, high: 2, value: 0.8}
	wholes := numberField{label: "Steps", low: 1, high: 5000, value: 60, whole: true}
	for _, row := range []struct {
		field numberField
		text  string
		want  float64
		said  string // part of what is said, "" for nothing
	}{
		{tenths, "1,5", 1.5, ""},
		{tenths, " 1.25 ", 1.25, ""},
		{tenths, "", 0.8, "Temperature wants a number. It takes 0 to 2; it stays at 0.8."},
		{tenths, "warm", 0.8, "wants a number"},
		{tenths, "NaN", 0.8, "wants a number"},
		{tenths, "9", 2, "wants a number from 0 to 2. It is 2 now."},
		{tenths, "-inf", 0, "It is 0 now."},
		{wholes, "1,024", 1024, ""},
		{wholes, "1 024", 1024, ""},
		{wholes, "3,5", 60, "Steps wants a whole number. It takes 1 to 5000; it stays at 60."},
		{wholes, "", 60, "wants a whole number"},
		{wholes, "1e400", 5000, "It is 5000 now."},
		{wholes, "1.024", 1024, ""},
		{wholes, "1,0240", 60, "wants a whole number"},
		{wholes, "1,,024", 60, "wants a whole number"},
		{wholes, ",024", 60, "wants a whole number"},
		{wholes, "1,024,", 60, "wants a whole number"},
		{wholes, "1024,000", 1024, ""},
		{wholes, "1,024,000,000,000,000,000,000,000", 5000, "It is 5000 now."},
	} {
		v, said := row.field.read(row.text)
		words := strings.TrimSpace(said.Title + " " + said.Text)
		if v != row.want || (row.said == "") != (words == "") || !strings.Contains(words, row.said) {
			t.Errorf("%s %q: %v, %q; want %v, %q", row.field.label, row.text, v, words, row.want, row.said)
		}
	}
	for text, said := range map[string]string{"18446744073709551615": "", "-1": "Seed wants a whole number.", "": "it stays at 7", "3,5": "it stays at 7"} {
		seed, n := readSeed(text, 7)
		words := strings.TrimSpace(n.Title + " " + n.Text)
		if said == "" && (seed != 1<<64-1 || words != "") || said != "" && (seed != 7 || !strings.Contains(words, said)) {
			t.Errorf("seed %q: %d, %q", text, seed, words)
		}
	}
}

// A reckoned number is told with two digits, however large.
func TestRoundedToTwoDigits(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{8194: "8,200", 1049: "1,000", 99.7: "100", 12.4: "12", 9.96: "10", 1.234: "1.2", 0.0456: "0.046"} {
		if got := rounded(x); got != want {
			t.Errorf("rounded(%v) = %q, want %q", x, got, want)
		}
	}
}
