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
	// KeepFractions leaves the ends of yarn's ramp as they are, where its authors' code rounds them outwards.
	KeepFractions bool
	// AttentionFactor, if not 0, is longrope's attention factor, and yarn's at every t, instead of 0.1·ln t + 1; so
	// is (0.1·MScale·ln t + 1)/(0.1·MScaleAllDim·ln t + 1) where both are not 0 (DeepSeek-AI 2024, arXiv 2405.04434).
	AttentionFactor, MScale, MScaleAllDim float64
	// Factor is the growth s of dynamic NTK, >= 1; 2 when 0.
	Factor float64
	// Discard is S/L of STRING: the share of the window whose distances it gives up, between 0 and 1; 1/3 when 0.
	Discard float64
	// Local is STRING's local window W in tokens.
	Local int
	// Short and Long are longrope's divisors of the frequencies, d/2 each: in texts within the window and in longer ones.
	Short, Long []float64
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
	// Name is the stable identifier, Label what people call it.
	Name, Label string
	// About says in one sentence what it does to the frequencies, or to the weights.
	About string
	// Also names it as other programs do, for people who know it from there.
	Also string
	// Source is where it was published.
	Source string
	// IgnoresT marks methods that encode a text alike at every t; some of them look at its length instead.
	IgnoresT bool
	// Training marks a way of training: its frequencies are another scheme's, and it is
	// nothing without the weights that it made.
	Training bool
	// Listed marks frequencies that a model's file lists pair by pair: a method of that model alone.
	Listed bool
	// Here marks what was trained where it is read: a method only beside the weights and the field that this made.
	Here bool
	make func(Rotary, Options) (Scheme, error)
}

var methods = []Method{
	{
		Name: "rope", Label: "Plain RoPE", Source: "arXiv 2104.09864", IgnoresT: true, make: scheme(NewPlain),
		About: "Leaves the frequencies as trained: past the window the slow pairs turn to angles the model has never seen.",
		Also:  "rope_type \"default\"",
	},
	{
		Name: "pi", Label: "PI", Source: "arXiv 2306.15595", make: scheme(NewPI),
		About: "Position interpolation: divides every frequency by t, so positions squeeze into the window; near words blur together.",
		Also:  "rope_type \"linear\"; --rope-freq-scale 1/t",
	},
	{
		Name: "ntk", Label: "NTK-aware", Source: "bloc97 2023; arXiv 2309.00071, definition 1", make: scheme(NewNTK),
		About: "Raises the base: fast pairs stay almost as trained, slow pairs stretch by about t.",
		Also:  "--rope-freq-base",
	},
	{
		Name: "dynamic", Label: "Dynamic NTK", Source: "emozilla 2023", IgnoresT: true, make: scheme(NewDynamicNTK),
		About: "NTK-aware with 2t − 1 in place of t, where t follows the length of the text itself: CLEX with a field that has learnt nothing.",
		Also:  "rope_type \"dynamic\"",
	},
	{
		Name: "parts", Label: "NTK-by-parts", Source: "arXiv 2309.00071, definition 2", make: scheme(NewParts),
		About: "YaRN's frequencies without its change of attention strength.",
		Also:  "YaRN with attention factor 1",
	},
	{
		Name: "yarn", Label: "YaRN", Source: "arXiv 2309.00071", make: scheme(NewYaRN),
		About: "Leaves fast pairs, divides slow pairs by t, blends between, and sharpens attention a little.",
		Also:  "rope_type \"yarn\"; --yarn-ext-factor",
	},
	{
		Name: "llama3", Label: "Llama 3", Source: "arXiv 2407.21783", make: scheme(NewLlama3),
		About: "Divides pairs slower than a cut by t and leaves the fast ones, with a smooth band between.",
		Also:  "rope_type \"llama3\"",
	},
	{
		Name: "string", Label: "STRING", Source: "arXiv 2410.18745", IgnoresT: true, make: scheme(NewSTRING),
		About: "Leaves the frequencies and shifts far positions back to distances seen often in training.",
		Also:  "shifted rotary positions; no frequency change",
	},
	{
		Name: "clex", Label: "CLEX", Source: "arXiv 2310.16450", make: scheme(NewCLEX),
		About: "A small trained network says how fast each frequency should slow down; an ODE solver follows it from 1 to t.",
		Also:  "rope_scaling type \"clex\" in the reference code",
	},
}

// trainings are ways of tuning a model for length. What they add is in the weights;
// their frequencies are those of a scheme above.
var trainings = []Method{
	{
		Name: "pose", Label: "PoSE", Source: "arXiv 2309.10400", Training: true, make: scheme(NewPI),
		About: "Tunes the weights for PI on short windows cut in two, with a random skip of positions between the parts.",
		Also:  "positional skip-wise training; PI's frequencies",
	},
	{
		Name: "e2llm", Label: "E2-LLM", Source: "arXiv 2401.06951", Training: true, make: scheme(NewPI),
		About: "Tunes the weights for PI on short windows, with another t at every step; the first four tokens stay in their places and the rest stands further on, anywhere up to the length that t is for.",
		Also:  "PI's frequencies",
	},
	{
		Name: "longrecipe", Label: "LongRecipe", Source: "arXiv 2409.00509", Training: true, IgnoresT: true, make: scheme(NewPlain),
		About: "Leaves the frequencies and tunes the weights on short windows whose sentences stand far apart, then averages them with the old ones.",
		Also:  "position index transformation, replay, model merging; RoPE's frequencies",
	},
	{
		Name: "longskywork", Label: "LongSkywork", Source: "arXiv 2406.00605", Training: true, make: scheme(NewNTK),
		About: "Tunes the weights for NTK-aware scaling on text in which pieces of several tales take turns, then on made-up tables from which a row is asked for.",
		Also:  "chunk interleaved pretraining; NTK-aware frequencies",
	},
}

// lists are frequencies that a model's file holds itself.
var lists = []Method{
	{
		Name: "longrope", Label: "File's list", Source: "arXiv 2402.13753", Listed: true, IgnoresT: true, make: scheme(NewListed),
		About: "Divides every frequency by a number of its own, as the model's file lists them; texts beyond the window may have a list for themselves.",
		Also:  "rope_type \"longrope\"; rope_freqs",
	},
}

// TrainedHere is the name of CLEX with a field and weights that were trained where they are read.
const TrainedHere = "trained"

// own are methods that readers make.
var own = []Method{
	{
		Name: TrainedHere, Label: "Trained here", Source: "arXiv 2310.16450", Here: true, make: scheme(NewCLEX),
		About: "CLEX with the field and the weights that a training on this page left.",
		Also:  "a model in its own folder, once it is downloaded",
	},
}

// scheme keeps a failed constructor's nil pointer from turning into a non-nil interface.
func scheme[T Scheme](construct func(Rotary, Options) (T, error)) func(Rotary, Options) (Scheme, error) {
	return func(r Rotary, o Options) (Scheme, error) {
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

// Lists lists what is a method only of a model whose file says the frequencies; New makes it of Options.Short and Long.
func Lists() []Method { return append([]Method(nil), lists...) }

// Own lists what is a method only where it was trained; New makes it of Options.Network and TMax.
func Own() []Method { return append([]Method(nil), own...) }

// New makes the scheme called name. The error names the bad field, or the
// known names when name is none of them.
func New(name string, r Rotary, o Options) (Scheme, error) {
	known := make([]string, 0, len(methods)+len(trainings)+len(lists)+len(own))
	for _, m := range slices.Concat(methods, trainings, lists, own) {
		if m.Name == name {
			return m.make(r, o)
		}
		known = append(known, m.Name)
	}
	return nil, fmt.Errorf("clex: no scheme is called %q: want one of %s", name, strings.Join(known, ", "))
}
