package state

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// param is one parameter of the address: how a setting is written there, and how it is read.
// One that is written as the default is left out.
type param struct {
	key   string
	write func(*Settings) string
	// read puts the parameter's value into the settings, or the nearest good one with a note.
	read func(p *parser, s *Settings)
}

// params is every parameter of the address that is a setting.
var params = []param{
	words("model", func(s *Settings) *string { return &s.Model }),
	{"show", func(s *Settings) string { return strings.Join(s.Shown, ",") }, func(p *parser, s *Settings) { s.Shown = p.methods() }},
	{"by", func(s *Settings) string { return s.Active }, func(p *parser, s *Settings) {
		if m := p.text(80); known(m) {
			s.Active = m
		} else {
			p.note("the link names a method %q that is not here; CLEX writes instead", m)
		}
	}},
	{"vs", func(s *Settings) string { return s.Beside }, func(p *parser, s *Settings) {
		m := p.text(80)
		if s.Beside = m; m != "" && !known(m) {
			s.Beside = ""
			p.note("the link compares with a method %q that is not here", m)
		}
	}},
	{"t", func(s *Settings) string {
		if s.Auto {
			return "auto"
		}
		return strconv.FormatFloat(s.T, 'g', -1, 64)
	}, func(p *parser, s *Settings) {
		if p.value != "auto" {
			s.Auto = false
			s.T = scene.RoundT(p.number(MinT, jobs.MaxTMax, s.T))
		}
	}},
	{"scene", func(s *Settings) string { return string(s.Scene) }, func(p *parser, s *Settings) {
		if row, ok := scene.Find(scene.Name(p.text(80))); ok {
			s.Scene = row.Name
		} else {
			p.note("the link asks for a picture %q that is not here", string(row.Name))
		}
	}},
	{"on", func(s *Settings) string {
		if s.On == OnRead {
			return string(OnBook) // a text that was brought is never put into an address
		}
		return string(s.On)
	}, func(p *parser, s *Settings) {
		if v := Subject(p.text(20)); v == OnBook || v == OnText || v == OnSecond {
			s.On = v
		} else {
			p.note("the link measures on %q, which there is not", string(v))
		}
	}},
	{"tint", func(s *Settings) string { return flag(s.OwnTint, "own") }, func(p *parser, s *Settings) { s.OwnTint = p.value == "own" }},
	{"prompt", func(s *Settings) string { return s.Prompt }, func(p *parser, s *Settings) { s.Prompt = p.text(MaxPromptBytes) }},
	number("windows", allLengths[0], jobs.MaxTMax, func(s *Settings) *float64 { return &s.Windows }),
	number("temp", 0, MaxTemperature, func(s *Settings) *float64 { return &s.Temperature }),
	whole("topk", 0, MaxTopK, func(s *Settings) *int { return &s.TopK }),
	number("topp", 0, 1, func(s *Settings) *float64 { return &s.TopP }),
	number("minp", 0, 1, func(s *Settings) *float64 { return &s.MinP }),
	{"seed", func(s *Settings) string { return strconv.FormatUint(s.Seed, 10) }, func(p *parser, s *Settings) {
		if v, err := strconv.ParseUint(p.value, 10, 64); err == nil {
			s.Seed = v
		} else {
			p.note("the link's seed %q is not a whole number; %d is used", shorten(p.value), s.Seed)
		}
	}},
	words("solver", func(s *Settings) *string { return &s.Solver }),
	number("step", MinStep, MaxStep, func(s *Settings) *float64 { return &s.Step }),
	number("tol", MinTol, MaxTol, func(s *Settings) *float64 { return &s.Tol }),
	oneOf("theme", "theme", func(s *Settings) *string { return &s.Theme }, "", "light", "dark"),
	{"hide", func(s *Settings) string { return s.Hidden.String() }, func(p *parser, s *Settings) {
		var unknown []string
		if s.Hidden, unknown = ParseControls(p.value); len(unknown) > 0 {
			p.note("the link hides %q, which the page does not know", shorten(strings.Join(unknown, ",")))
		}
		if s.Hidden.Has(HideText | HidePicture) {
			s.Hidden &^= HidePicture
			p.note("the link hides text and picture; the picture is shown")
		}
	}},
	{"tab", func(s *Settings) string {
		if s.Tab == s.firstTab() {
			return ""
		}
		return s.Tab
	}, func(p *parser, s *Settings) {
		if s.Tab = p.text(20); !slices.Contains(tabs, s.Tab) {
			p.note("the link opens a tab %q that is not here", s.Tab)
			s.Tab = ""
		}
	}},
	words("lesson", func(s *Settings) *string { return &s.Lesson }),
	whole("page", 0, 999, func(s *Settings) *int { return &s.Page }),
	whole("pair", -1, 1023, func(s *Settings) *int { return &s.Pair }),
	whole("layer", -1, 1023, func(s *Settings) *int { return &s.Layer }),
	whole("head", -1, 1023, func(s *Settings) *int { return &s.Head }),
	{"pool", func(s *Settings) string { return flag(s.Mean, "mean") }, func(p *parser, s *Settings) { s.Mean = p.value == "mean" }},
	{"field", func(s *Settings) string { return flag(s.Field, "1") }, func(p *parser, s *Settings) { s.Field = p.value == "1" }},
	{"present", func(s *Settings) string { return flag(s.Large, "1") }, func(p *parser, s *Settings) { s.Large = p.value == "1" }},
	{"backend", func(s *Settings) string { return string(s.Backend) }, func(p *parser, s *Settings) {
		switch m := Backend(p.text(20)); m {
		case AutoBackend, CPU, WebGPU:
			s.Backend = m
		case "scalar", "auto":
			// scalar is the engine without SIMD, a matter of loading it.
		default:
			p.note("the link asks for a backend %q; there are cpu and webgpu", string(m))
		}
	}},
}

func flag(on bool, word string) string {
	if on {
		return word
	}
	return ""
}

// words is a parameter of short text.
func words(key string, of func(*Settings) *string) param {
	return param{key, func(s *Settings) string { return *of(s) }, func(p *parser, s *Settings) { *of(s) = p.text(80) }}
}

// oneOf is a parameter that takes a few values.
func oneOf[S ~string](key, what string, of func(*Settings) *S, values ...S) param {
	return param{key, func(s *Settings) string { return string(*of(s)) }, func(p *parser, s *Settings) {
		if v := S(p.text(20)); slices.Contains(values, v) {
			*of(s) = v
		} else {
			p.note("the link asks for a %s %q, which there is not", what, string(v))
		}
	}}
}

func number(key string, low, high float64, of func(*Settings) *float64) param {
	return param{key, func(s *Settings) string { return strconv.FormatFloat(*of(s), 'g', -1, 64) },
		func(p *parser, s *Settings) { *of(s) = p.number(low, high, *of(s)) }}
}

func whole(key string, low, high float64, of func(*Settings) *int) param {
	return param{key, func(s *Settings) string { return strconv.Itoa(*of(s)) },
		func(p *parser, s *Settings) { *of(s) = int(p.number(low, high, float64(*of(s)))) }}
}

// Query writes the settings as an address query. What equals the default is
// left out, so a link says only what is special about it.
func (s Settings) Query() url.Values {
	d, q := Defaults(), url.Values{}
	for _, p := range params {
		if v := p.write(&s); v != p.write(&d) {
			q.Set(p.key, v)
		}
	}
	return q
}

// Parse reads settings from an address query. It never fails: what is missing
// takes its default, what is wrong takes the nearest good value, and each such
// correction is named in the returned notes.
func Parse(q url.Values) (Settings, []string) {
	s, p := Defaults(), parser{}
	s.Tab = ""
	for _, row := range params {
		if q.Has(row.key) {
			p.key, p.value = row.key, q.Get(row.key)
			row.read(&p, &s)
		}
	}
	if s.Tab == "" || s.hides(s.Tab) {
		s.Tab = s.firstTab()
	}
	if s.Layer < 0 || s.Head < 0 {
		s.Layer, s.Head = -1, -1
	}
	s.Windows = nearest(allLengths, s.Windows)
	return s, p.notes
}

// allLengths are the lengths that some model might offer, in trained windows.
var allLengths = lengthsFrom(1.0/1024, jobs.MaxTMax)

func lengthsFrom(least, most float64) (out []float64) {
	for w := least; w <= most; w *= 2 {
		out = append(out, w)
	}
	return out
}

// parser reads one parameter after the other and collects what had to be corrected.
type parser struct {
	key, value string
	notes      []string
}

func (p *parser) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *parser) text(most int) string {
	v := strings.ToValidUTF8(p.value, "\uFFFD")
	if len(v) > most {
		p.note("the link's %s is longer than %d bytes and was cut", p.key, most)
		v = v[:most]
		for !utf8.ValidString(v) {
			v = v[:len(v)-1]
		}
	}
	return v
}

func (p *parser) number(low, high, def float64) float64 {
	v, err := ParseNumber(p.value)
	if err != nil || math.IsNaN(v) {
		p.note("the link's %s %q is not a number; %g is used", p.key, shorten(p.value), def)
		return def
	}
	if v < low || v > high {
		c := min(high, max(low, v))
		p.note("the link's %s is outside %g to %g; %g is used", p.key, low, high, c)
		return c
	}
	return v
}

// ParseNumber reads a number as people write it: 3,5 is three and a half.
func ParseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(v, 0) {
		return v, nil
	}
	return v, err
}

func (p *parser) methods() []string {
	var want, unknown []string
	for name := range strings.SplitSeq(p.value, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case name == "":
		case known(name):
			want = append(want, name)
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		p.note("the link shows methods %q that are not here", shorten(strings.Join(unknown, ",")))
	}
	out := []string{}
	for _, m := range assets.Methods {
		if slices.Contains(want, m.Name) {
			out = append(out, m.Name)
		}
	}
	return out
}

func nearest(list []float64, v float64) float64 {
	best := list[0]
	for _, c := range list {
		if math.Abs(c-v) < math.Abs(best-v) {
			best = c
		}
	}
	return best
}

// shorten keeps quoted input from filling a message.
func shorten(s string) string {
	const most = 40
	if r := []rune(strings.ToValidUTF8(s, "\uFFFD")); len(r) > most {
		return string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// SetUp sets what its query names and leaves the rest of the settings as they are: the way
// a lesson sets the page up.
type SetUp struct{ Query url.Values }

func (m SetUp) apply(s *State) []Effect {
	merged := s.Settings.Query()
	for k, v := range m.Query {
		merged[k] = v
	}
	next, _ := Parse(merged)
	if !m.Query.Has("on") {
		next.On = s.On // a text that was brought stands in no query
	}
	active, beside := next.Active, next.Beside
	next.Active, next.Beside = s.Active, s.Beside
	next.Token, next.Seq = s.Token, s.Seq
	was := s.rule()
	s.Settings = next
	s.fit()
	var out []Effect
	if s.rule() != was {
		out = s.setFactor()
	}
	if active != s.Active {
		out = append(out, s.chooseMethod(0, active)...)
	}
	if beside != s.Beside {
		out = append(out, s.chooseMethod(1, beside)...)
	}
	out = append(out, ShowView{})
	return append(append(out, s.measure(false)...), SaveAddress{})
}
