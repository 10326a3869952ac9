package clex

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Options are what the constructors of schemes can be told. The zero value asks for each
// method's published defaults; a scheme reads only the fields it names.
type Options struct {
	// LogN turns log-n scaling of queries on, with any scheme.
	LogN bool
	// TurnsLow and TurnsHigh bound the ramp of parts, llama3 and yarn, in turns per
	// trained window: at most TurnsLow is interpolated fully, at least TurnsHigh not at all.
	TurnsLow, TurnsHigh float64
	// Factor is the growth of dynamic NTK, >= 1.
	Factor float64
	// Discard is the share of the window whose distances STRING gives up, between 0 and 1.
	Discard float64
	// Local is STRING's local window W in tokens.
	Local int
	// Network is the trained part of CLEX; nil is CLEX before training.
	Network *Network
	// TMax is the largest t CLEX encodes, >= 1; 16 when 0.
	TMax float64
	// RTol is the relative tolerance of CLEX's solve; 1e-8 when 0.
	RTol float64
}

// turns returns the ends of the ramp, or the given defaults where they are 0.
func (o Options) turns(low, high float64) (float64, float64, error) {
	if o.TurnsLow != 0 {
		low = o.TurnsLow
	}
	if o.TurnsHigh != 0 {
		high = o.TurnsHigh
	}
	if !(low > 0) || !(high > low) || math.IsInf(high, 0) {
		return 0, 0, fmt.Errorf("clex: ramp from %v to %v turns: want finite numbers, 0 < TurnsLow < TurnsHigh", low, high)
	}
	return low, high, nil
}

// Method is a row of the table of schemes.
type Method struct {
	// Name is the stable identifier, Title what people call it.
	Name, Title string
	// Source is where it was published.
	Source string
	make   func(Rotary, Options) (Flow, error)
}

var methods = []Method{
	{"rope", "RoPE", "arXiv 2104.09864", flow(NewPlain)},
	{"pi", "PI", "arXiv 2306.15595", flow(NewPI)},
	{"ntk", "NTK-aware", "bloc97 2023; arXiv 2309.00071, definition 1", flow(NewNTK)},
	{"dynamic", "Dynamic NTK", "emozilla 2023", flow(NewDynamicNTK)},
	{"parts", "NTK-by-parts", "arXiv 2309.00071, definition 2", flow(NewParts)},
	{"yarn", "YaRN", "arXiv 2309.00071", flow(NewYaRN)},
	{"llama3", "Llama 3", "arXiv 2407.21783", flow(NewLlama3)},
	{"string", "STRING", "arXiv 2410.18745", flow(NewSTRING)},
	{"clex", "CLEX", "arXiv 2310.16450", flow(NewCLEX)},
}

// trainings are ways of tuning a model for length. What they add is in the weights;
// their frequencies are those of a scheme above.
var trainings = []Method{
	{"pose", "PoSE", "arXiv 2309.10400", flow(NewPI)},
	{"e2llm", "E2-LLM", "arXiv 2401.06951", flow(NewPI)},
	{"longrecipe", "LongRecipe", "arXiv 2409.00509", flow(NewPlain)},
	{"longskywork", "LongSkywork", "arXiv 2406.00605", flow(NewNTK)},
}

// flow keeps a failed constructor's nil pointer from turning into a non-nil interface.
func flow[T Flow](construct func(Rotary, Options) (T, error)) func(Rotary, Options) (Flow, error) {
	return func(r Rotary, o Options) (Flow, error) {
		s, err := construct(r, o)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// Methods lists every scheme, the trained-as-is baseline first.
func Methods() []Method { return append([]Method(nil), methods...) }

// Trainings lists the ways of training that have no frequencies of their own; New
// makes the scheme that they run on.
func Trainings() []Method { return append([]Method(nil), trainings...) }

// New makes the scheme called name. The error names the bad field, or the
// known names when name is none of them.
func New(name string, r Rotary, o Options) (Flow, error) {
	known := make([]string, 0, len(methods)+len(trainings))
	for _, m := range slices.Concat(methods, trainings) {
		if m.Name == name {
			return m.make(r, o)
		}
		known = append(known, m.Name)
	}
	return nil, fmt.Errorf("clex: no scheme is called %q: want one of %s", name, strings.Join(known, ", "))
}
