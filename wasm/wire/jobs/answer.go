package jobs

// Attended are the tokens that are looked at most, by place, with their weights, 0 … 1, the heaviest
// first; T is the factor that the text was read at.
type Attended struct {
	T       float64   `json:"t"`
	Keys    []int     `json:"keys"`
	Weights []float64 `json:"weights"`
}

// Answer is one message from a worker to the page. One part is set, or Done, or Error.
type Answer struct {
	Version int `json:"v"`
	// Number counts the worker's answers, from 1; 0 is outside of their order.
	Number int `json:"n,omitempty"`
	// ID and Kind are the request's; without a kind it is the worker that speaks.
	ID      int       `json:"id"`
	Kind    Kind      `json:"kind,omitempty"`
	Loading *Progress `json:"loading,omitempty"`
	Ready   *Ready    `json:"ready,omitempty"`
	Reading *Progress `json:"reading,omitempty"`
	Tokens  *Tokens   `json:"tokens,omitempty"`
	Cell    *Recalled `json:"cell,omitempty"`
	Spelled *Spelled  `json:"spelled,omitempty"`
	Trained *Trained  `json:"trained,omitempty"`
	// Described and Exported answer the questions about files.
	Described *Described `json:"described,omitempty"`
	Exported  *Exported  `json:"exported,omitempty"`
	// Judged are losses in nats, one for each token asked about; below 0 is not known.
	Judged   []float64 `json:"judged,omitempty"`
	Attended *Attended `json:"attended,omitempty"`
	// GPU says how it stands with the GPU, in the middle of any job.
	GPU *GPU `json:"gpu,omitempty"`
	// View is a message for the picture; it travels beside the JSON.
	View any `json:"-"`
	// Has are the jobs that the worker has, as an answer to a call.
	Has []Job `json:"has,omitempty"`
	// Done ends the job; StopReason says why writing ended.
	Done       bool       `json:"done,omitempty"`
	StopReason StopReason `json:"stop,omitempty"`
	// Error ends the job with words that say what to do. Fatal means that the worker is of no use any more.
	Error string `json:"error,omitempty"`
	Fatal bool   `json:"fatal,omitempty"`
	// Memory is what the worker holds, in bytes; 0 is not measured.
	Memory int64 `json:"memory,omitempty"`
}

// StopReason is why a job ended that did not fail.
type StopReason string

const (
	// StopLength: the text has the length asked for.
	StopLength StopReason = "length"
	// StopEndOfText: the model wrote the token that ends a text.
	StopEndOfText StopReason = "end of text"
	// StopCancelled: the page cancelled the job.
	StopCancelled StopReason = "stopped"
)

// GPU is what a worker found out about its GPU.
type GPU struct {
	// Trouble says in a line why it is not used; the job at hand goes on on the CPU.
	Trouble string `json:"trouble,omitempty"`
	// Raced marks the answer to Calibrate. Adapter names the device, as far as there is one.
	Raced    bool   `json:"raced,omitempty"`
	Adapter  string `json:"adapter,omitempty"`
	Software bool   `json:"software,omitempty"`
	// Report says what the kernels use of it.
	Report string `json:"report,omitempty"`
	CPU    Speed  `json:"cpu"`
	GPU    Speed  `json:"speed"`
}

// Speed is in tokens per second: reading many at once, writing one by one. 0 is not measured.
type Speed struct {
	Prefill float64 `json:"prefill,omitempty"`
	Decode  float64 `json:"decode,omitempty"`
}

// Spelled is a subject that the worker cut into tokens, as it spells them.
type Spelled struct {
	Tokens []string `json:"tokens"`
	// Bytes is how much of the text they are, Of how long the text is.
	Bytes int `json:"bytes"`
	Of    int `json:"of"`
}

// Progress counts bytes or tokens.
type Progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
	// Method is the one that reads, where several do in turn.
	Method string `json:"method,omitempty"`
}

// Ready says that the model can be used.
type Ready struct {
	// Backend is "CPU SIMD" or "CPU".
	Backend string `json:"backend"`
	// Kernels says in a sentence which kernels the CPU computes with.
	Kernels string `json:"kernels,omitempty"`
}

// Tokens are tokens read (the prompt) or written.
type Tokens struct {
	List []Token `json:"list"`
	// Rate is tokens per second of this job so far; First the milliseconds to its first token.
	Rate  float64 `json:"rate,omitempty"`
	First float64 `json:"first,omitempty"`
}

// Token is one token; NLL below 0 is not known.
type Token struct {
	ID           int32         `json:"i"`
	Text         string        `json:"s"`
	NLL          float64       `json:"n"`
	T            float64       `json:"t,omitempty"`
	Prompt       bool          `json:"p,omitempty"`
	Alternatives []Alternative `json:"o,omitempty"`
}

// Alternative is a token that could have come.
type Alternative struct {
	ID   int32   `json:"i"`
	Text string  `json:"s"`
	P    float64 `json:"p"`
}

// Recalled is an answered cell, with what was said to its last question and what was hidden.
type Recalled struct {
	Cell
	Said  string `json:"said"`
	Want  string `json:"want"`
	Shown *Shown `json:"shown,omitempty"`
}

// Shown is a question to look at: the text around the fact, and what the model made of it.
type Shown struct {
	Before string `json:"before"`
	Fact   string `json:"fact"`
	After  string `json:"after"`
	// Skipped is the tokens between After and Question.
	Skipped  int    `json:"skipped"`
	Question string `json:"question"`
	// Chance is the probability of the right answer, Alternatives the likeliest ones.
	Chance       float64       `json:"chance"`
	Alternatives []Alternative `json:"alternatives"`
	// Layer and Head, counted from 0, are the head in which the question's last token
	// gives the fact most of its attention, Weight that share, 0 … 1.
	Layer  int     `json:"layer"`
	Head   int     `json:"head"`
	Weight float64 `json:"weight"`
}
