package jobs

import "fmt"

// Measured is what a model was measured at before it shipped: perplexity by length of text.
type Measured struct {
	// On names the texts that were read, Tail is over how many last tokens of each window perplexity is taken.
	On   string `json:"on"`
	Tail int    `json:"tail"`
	// Lengths are in tokens, Windows how many texts of each length were read, the same for all rows.
	Lengths []int         `json:"lengths"`
	Windows []int         `json:"windows"`
	Rows    []MeasuredRow `json:"rows"`
}

// MeasuredRow is a method on weights.
type MeasuredRow struct {
	Method  string `json:"method"`
	Weights string `json:"weights"`
	// Tuned says that the weights were tuned with the method.
	Tuned bool `json:"tuned,omitempty"`
	// T is the factor that every length was read at, 0 where it followed the length, from Least to Most.
	T     float64 `json:"t,omitempty"`
	Least float64 `json:"least,omitempty"`
	Most  float64 `json:"most,omitempty"`
	// Perplexity goes with Lengths, 0 where a length was not measured.
	Perplexity []float64 `json:"perplexity"`
}

func (m *Measured) check() error {
	if m == nil {
		return nil
	}
	if len(m.Windows) != len(m.Lengths) {
		return fmt.Errorf("%d lengths, %d numbers of windows: want as many", len(m.Lengths), len(m.Windows))
	}
	for _, r := range m.Rows {
		if len(r.Perplexity) != len(m.Lengths) {
			return fmt.Errorf("%s on %s: %d perplexities, %d lengths: want as many", r.Method, r.Weights, len(r.Perplexity), len(m.Lengths))
		}
	}
	return nil
}
