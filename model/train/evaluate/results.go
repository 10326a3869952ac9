package evaluate

// Results is results.json: what one model scores under every scheme.
type Results struct {
	Model      string `json:"model"`
	Parameters int    `json:"parameters"`
	Window     int    `json:"window"`
	Rows       []Row  `json:"rows"`
	// Tales are long texts that the model wrote.
	Tales []Tale `json:"tales,omitempty"`
}

// Row is one scheme on one checkpoint.
type Row struct {
	// Scheme is the scheme's name; Variant the checkpoint it ran on; Trained whether
	// that checkpoint was tuned with it.
	Scheme  string `json:"scheme"`
	Variant string `json:"variant"`
	Trained bool   `json:"trained"`
	// Factor is the length scaling factor at all lengths, 0 where it followed the length.
	Factor float64 `json:"factor,omitempty"`
	// LogN tells whether log-n scaling was on.
	LogN bool `json:"log_n,omitempty"`
	// Lengths in tokens; the other slices go with it. Low and High bound the
	// perplexity's 95 % interval; Recall is the share of right answers over all depths.
	Lengths []int `json:"lengths"`
	// Windows is how many windows the perplexity at each length is measured on,
	// Questions how many questions each recall.
	Windows    []int     `json:"windows"`
	Questions  int       `json:"questions,omitempty"`
	Perplexity []float64 `json:"perplexity"`
	Low        []float64 `json:"low"`
	High       []float64 `json:"high"`
	Recall     []float64 `json:"recall"`
	// Depths and RecallByDepth (lengths × depths) split Recall by where the fact stood.
	Depths        []float64   `json:"depths,omitempty"`
	RecallByDepth [][]float64 `json:"recall_by_depth,omitempty"`
	// LossByPosition is the mean loss in nats at the longest length, averaged over
	// runs of PositionStep tokens.
	PositionStep   int       `json:"position_step,omitempty"`
	LossByPosition []float64 `json:"loss_by_position,omitempty"`
}
