package evaluate

import (
	"fmt"
	"math"
)

// Results is results.json: what one model scores under every scheme.
type Results struct {
	Model      string `json:"model"`
	Parameters int    `json:"parameters"`
	Window     int    `json:"window"`
	Rows       []Row  `json:"rows"`
	// Seeds are what rows of several seeds score together.
	Seeds []Seeds `json:"seeds,omitempty"`
	// Writing is how well the base reads the held-out books and what it writes.
	Writing *Writing `json:"writing,omitempty"`
	// LongSamples are long texts that the model wrote.
	LongSamples []LongSample `json:"long_samples,omitempty"`
}

// Row is one scheme on one checkpoint.
type Row struct {
	// Scheme is the scheme's name; Variant the checkpoint it ran on; Trained whether
	// that checkpoint was tuned with it.
	Scheme  string `json:"scheme"`
	Variant string `json:"variant"`
	Trained bool   `json:"trained"`
	// Factor is the length scaling factor at all lengths, 0 where it followed the length; TMax is the largest it followed to.
	Factor float64 `json:"factor,omitempty"`
	TMax   float64 `json:"t_max,omitempty"`
	// TMin is the least factor that it was read at where that is not 1.
	TMin float64 `json:"t_min,omitempty"`
	// LogN tells whether log-n scaling was on.
	LogN bool `json:"log_n,omitempty"`
	// Measured is what was measured by the part of the corpus that was read: "valid", on which recipes are
	// chosen, and "test", on which nothing is.
	Measured map[string]*Measurement `json:"measured"`
}

// Same tells whether two rows are of the same scheme on the same checkpoint.
func (r *Row) Same(o *Row) bool {
	return r.Scheme == o.Scheme && r.Variant == o.Variant && r.LogN == o.LogN && r.TMin == o.TMin
}

// Measurement is what a row scores on one part of the corpus.
type Measurement struct {
	// Lengths in tokens; the other slices go with it.
	Lengths []int `json:"lengths"`
	// Losses are the mean losses of the windows' last Tail tokens in nats, window by window in the order of
	// Windows: the same windows for all rows, so that two rows can be compared pair by pair. Where a length has
	// fewer, they are those that spread picks, which end where the others do.
	Losses [][]float64 `json:"losses"`
	// Perplexity is exp of their mean, Low and High bound its 95 % interval.
	Perplexity []float64 `json:"perplexity"`
	Low        []float64 `json:"low"`
	High       []float64 `json:"high"`
	// LossByPosition is the mean loss in nats at PositionLength tokens, averaged over
	// runs of PositionStep.
	PositionLength int       `json:"position_length,omitempty"`
	PositionStep   int       `json:"position_step,omitempty"`
	LossByPosition []float64 `json:"loss_by_position,omitempty"`
	// Recall is the share of right answers by probe, where it was asked for.
	Recall []Recall `json:"recall,omitempty"`
}

// Recall is the share of right answers to one kind of question by length.
type Recall struct {
	Probe     string    `json:"probe"`
	Lengths   []int     `json:"lengths"`
	Questions []int     `json:"questions"`
	Right     []float64 `json:"right"`
}

// At is the index of a length, -1 if it was not measured.
func (m *Measurement) At(length int) int {
	if m != nil {
		for i, n := range m.Lengths {
			if n == length {
				return i
			}
		}
	}
	return -1
}

// Paired is how much larger the perplexity of m is than that of to at a length, as a ratio with its 95 %
// interval: a bootstrap over the differences of the windows that both were measured on, as windows differ from each other far
// more than two methods do on one.
func (m *Measurement) Paired(to *Measurement, length int) (Perplexity, error) {
	i, j := m.At(length), to.At(length)
	if i < 0 || j < 0 {
		return Perplexity{}, fmt.Errorf("evaluate: %d tokens were not measured for both", length)
	}
	a, b := m.Losses[i], to.Losses[j]
	if len(a) != len(b) {
		return Perplexity{}, fmt.Errorf("evaluate: at %d tokens one stands on %d windows, the other on %d", length, len(a), len(b))
	}
	change := make([]float64, len(a))
	for k := range change {
		change[k] = a[k] - b[k]
	}
	return Bootstrap(change, 1), nil
}

// Growth is how much larger the perplexity at a length is than at the shortest one, as a ratio with its 95 %
// interval: a bootstrap over the differences of windows that end at the same token.
func (m *Measurement) Growth(length int) (Perplexity, error) {
	i := m.At(length)
	if i < 0 {
		return Perplexity{}, fmt.Errorf("evaluate: %d tokens were not measured", length)
	}
	short, long := m.Losses[0], m.Losses[i]
	if len(long) == 0 || len(long) > len(short) {
		return Perplexity{}, fmt.Errorf("evaluate: %d windows of %d tokens, %d of %d", len(long), length, len(short), m.Lengths[0])
	}
	change := make([]float64, len(long))
	for k, at := range spread(len(short), len(long)) {
		change[k] = long[k] - short[at]
	}
	return Bootstrap(change, 1), nil
}

// round keeps four decimals: more than the intervals justify.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
