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
)

// Query writes the settings as an address query. What equals the default is
// left out, so a link says only what is special about it.
func (s Settings) Query() url.Values {
	d, q := Defaults(), url.Values{}
	text := func(key, v, def string) {
		if v != def {
			q.Set(key, v)
		}
	}
	number := func(key string, v, def float64) {
		if v != def {
			q.Set(key, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	text("model", s.Model, d.Model)
	if !slices.Equal(s.Shown, d.Shown) {
		q.Set("show", strings.Join(s.Shown, ","))
	}
	text("by", s.First, d.First)
	text("vs", s.Second, d.Second)
	if !s.Auto {
		q.Set("t", strconv.FormatFloat(s.T, 'g', -1, 64))
	}
	text("scene", string(s.Scene), string(d.Scene))
	text("prompt", s.Prompt, d.Prompt)
	number("windows", float64(s.Windows), float64(d.Windows))
	number("temp", s.Temperature, d.Temperature)
	number("topk", float64(s.TopK), float64(d.TopK))
	number("topp", s.TopP, d.TopP)
	number("minp", s.MinP, d.MinP)
	if s.Seed != d.Seed {
		q.Set("seed", strconv.FormatUint(s.Seed, 10))
	}
	text("solver", s.Solver, d.Solver)
	number("step", s.Step, d.Step)
	number("tol", s.Tol, d.Tol)
	text("theme", s.Theme, d.Theme)
	if s.Hidden != 0 {
		q.Set("hide", s.Hidden.String())
	}
	text("lesson", s.Lesson, d.Lesson)
	number("page", float64(s.Page), float64(d.Page))
	number("pair", float64(s.Pair), float64(d.Pair))
	number("layer", float64(s.Layer), float64(d.Layer))
	number("head", float64(s.Head), float64(d.Head))
	text("pool", s.Pool, d.Pool)
	if s.Field {
		q.Set("field", "1")
	}
	if s.Present {
		q.Set("present", "1")
	}
	text("backend", string(s.Backend), string(d.Backend))
	return q
}

// Parse reads settings from an address query. It never fails: what is missing
// takes its default, what is wrong takes the nearest good value, and each such
// correction is named in the returned notes.
func Parse(q url.Values) (Settings, []string) {
	s, p := Defaults(), parser{q: q}
	s.Model = p.text("model", 80, s.Model)
	if q.Has("show") {
		s.Shown = p.methods("show")
	}
	if m := p.text("by", 80, s.First); known(m) {
		s.First = m
	} else {
		p.note("the link names a method %q that is not here; CLEX writes instead", m)
	}
	if m := p.text("vs", 80, ""); m == "" || known(m) {
		s.Second = m
	} else {
		p.note("the link compares with a method %q that is not here", m)
	}
	if q.Has("t") && q.Get("t") != "auto" {
		s.Auto = false
		s.T = ClampT(p.number("t", MinT, MaxT, s.T))
	}
	if sc := Scene(p.text("scene", 80, string(s.Scene))); slices.Contains(Scenes, sc) {
		s.Scene = sc
	} else {
		p.note("the link asks for a picture %q that is not here", sc)
	}
	s.Prompt = p.text("prompt", MaxPromptBytes, s.Prompt)
	s.Windows = int(p.number("windows", 1, MaxT, float64(s.Windows)))
	if !slices.Contains(Lengths, s.Windows) {
		s.Windows = nearest(Lengths, s.Windows)
	}
	s.Temperature = p.number("temp", 0, MaxTemperature, s.Temperature)
	s.TopK = int(p.number("topk", 0, MaxTopK, float64(s.TopK)))
	s.TopP = p.number("topp", 0, 1, s.TopP)
	s.MinP = p.number("minp", 0, 1, s.MinP)
	if q.Has("seed") {
		v, err := strconv.ParseUint(q.Get("seed"), 10, 64)
		if err != nil {
			p.note("the link's seed %q is not a whole number; %d is used", shorten(q.Get("seed")), s.Seed)
		} else {
			s.Seed = v
		}
	}
	s.Solver = p.text("solver", 40, s.Solver)
	s.Step = p.number("step", MinStep, MaxStep, s.Step)
	s.Tol = p.number("tol", MinTol, MaxTol, s.Tol)
	switch v := p.text("theme", 20, ""); v {
	case "", "light", "dark":
		s.Theme = v
	default:
		p.note("the link asks for a theme %q; there are light and dark", v)
	}
	var unknown []string
	s.Hidden, unknown = ParseControls(q.Get("hide"))
	if len(unknown) > 0 {
		p.note("the link hides %q, which the page does not know", shorten(strings.Join(unknown, ",")))
	}
	s.Lesson = p.text("lesson", 80, "")
	s.Page = int(p.number("page", 0, 999, 0))
	s.Pair = int(p.number("pair", -1, 1023, float64(s.Pair)))
	s.Layer = int(p.number("layer", -1, 1023, float64(s.Layer)))
	s.Head = int(p.number("head", -1, 1023, float64(s.Head)))
	if s.Layer < 0 || s.Head < 0 {
		s.Layer, s.Head = -1, -1
	}
	if q.Get("pool") == "mean" {
		s.Pool = "mean"
	}
	s.Field = q.Get("field") == "1"
	s.Present = q.Get("present") == "1"
	switch m := Backend(p.text("backend", 20, "")); m {
	case AutoBackend, CPU, WebGPU:
		s.Backend = m
	case "scalar", "auto":
		// scalar is the engine without SIMD, a matter of loading it.
	default:
		p.note("the link asks for a backend %q; there are cpu and webgpu", string(m))
	}
	return s, p.notes
}

// parser collects what had to be corrected while reading a query.
type parser struct {
	q     url.Values
	notes []string
}

func (p *parser) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *parser) text(key string, most int, def string) string {
	if !p.q.Has(key) {
		return def
	}
	v := p.q.Get(key)
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
	}
	if len(v) > most {
		p.note("the link's %s is longer than %d bytes and was cut", key, most)
		v = v[:most]
		for !utf8.ValidString(v) {
			v = v[:len(v)-1]
		}
	}
	return v
}

func (p *parser) number(key string, low, high, def float64) float64 {
	if !p.q.Has(key) {
		return def
	}
	v, err := strconv.ParseFloat(p.q.Get(key), 64)
	if err != nil && !math.IsInf(v, 0) || math.IsNaN(v) {
		p.note("the link's %s %q is not a number; %g is used", key, shorten(p.q.Get(key)), def)
		return def
	}
	if v < low || v > high {
		c := min(high, max(low, v))
		p.note("the link's %s is outside %g to %g; %g is used", key, low, high, c)
		return c
	}
	return v
}

func (p *parser) methods(key string) []string {
	var want, unknown []string
	for name := range strings.SplitSeq(p.q.Get(key), ",") {
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

func nearest(list []int, v int) int {
	best := list[0]
	for _, c := range list {
		if abs(c-v) < abs(best-v) {
			best = c
		}
	}
	return best
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}

// shorten keeps quoted input from filling a message.
func shorten(s string) string {
	const most = 40
	if r := []rune(strings.ToValidUTF8(s, "\uFFFD")); len(r) > most {
		return string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Apply sets what the query names and leaves the rest of the settings as they
// are: the way a lesson sets the page up.
func (s *State) Apply(q url.Values) []Effect {
	merged := s.Settings.Query()
	if q.Has("t") {
		merged.Del("t")
	}
	for k, v := range q {
		merged[k] = v
	}
	next, _ := Parse(merged)
	first, second := next.First, next.Second
	next.First, next.Second = s.First, s.Second
	s.Settings = next
	s.fitMethods()
	if s.Auto {
		s.T = AutoT(s.TextLength(), s.Window())
	}
	var out []Effect
	if first != s.First {
		out = append(out, s.chooseMethod(0, first)...)
	}
	if second != s.Second {
		out = append(out, s.chooseMethod(1, second)...)
	}
	return append(out, ShowView{}, Measure{}, SaveAddress{})
}
