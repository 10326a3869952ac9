package checkpoint

import (
	"encoding/json/jsontext"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
)

// TestSetSchemeRoundTrip: a checkpoint says what it was tuned with, in our own
// words and in ones that other readers turn into the same frequencies.
func TestSetSchemeRoundTrip(t *testing.T) {
	for _, c := range []struct {
		scheme   string
		factor   float64
		ropeType string
	}{{"pi", 16, "linear"}, {"yarn", 16, "yarn"}, {"ntk", 16, "longrope"}, {"parts", 4, "longrope"}, {"llama3", 8, "longrope"}, {"pi", 0, ""}} {
		x := testCheckpoint(t, "llama", false)
		s, err := clex.New(c.scheme, x.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := x.SetScheme(s, c.factor); err != nil {
			t.Fatal(err)
		}
		got := writeThenRead(t, x, F32)
		if got.Config != x.Config {
			t.Errorf("%s: config %+v, want %+v", c.scheme, got.Config, x.Config)
		}
		again, rule, err := got.Scheme()
		want := clex.AtT(c.factor)
		if c.factor == 0 {
			want = clex.LengthRule{TMax: clex.DefaultTMax}
		}
		if err != nil || again.Name() != c.scheme || rule != want {
			t.Errorf("%s at %v came back as %v at %+v, error %v", c.scheme, c.factor, again, rule, err)
		}
		if (got.Scaling == nil) != (c.ropeType == "") || got.Scaling != nil && got.Scaling.Type != c.ropeType {
			t.Errorf("%s: rope_scaling %+v, want type %q", c.scheme, got.Scaling, c.ropeType)
		}
		if c.ropeType != "longrope" {
			continue
		}
		// What a stock reader computes: 1/(factor_i·base^(2i/d)).
		var encoding clex.Encoding
		if err := s.Encode(&encoding, c.factor, 0); err != nil {
			t.Fatal(err)
		}
		r := x.Config.Rotary
		for i, f := range got.Scaling.LongFactor {
			theta := 1 / (f * math.Pow(r.Base, 2*float64(i)/float64(r.Dims)))
			if math.Abs(theta/encoding.InvFreq[i]-1) > 1e-12 || got.Scaling.ShortFactor[i] != f {
				t.Errorf("%s: frequency %d reads as %v, want %v", c.scheme, i, theta, encoding.InvFreq[i])
			}
		}
		if got.Scaling.AttentionFactor != encoding.AttentionFactor {
			t.Errorf("%s: attention_factor %v, want %v", c.scheme, got.Scaling.AttentionFactor, encoding.AttentionFactor)
		}
	}
}

// TestFrozen: a model at one t holds the frequencies of that t, as a stock reader computes them,
// claims no scheme whose name says less than it is, and still ends its texts where it did.
func TestFrozen(t *testing.T) {
	clexModel, yarnModel := testCheckpoint(t, "llama", true), testCheckpoint(t, "llama", false)
	yarnModel.Scaling = &Scaling{Type: "yarn", Factor: 4, OriginalWindow: yarnModel.Config.Rotary.Window, AttentionFactor: 1.5}
	for _, c := range []struct {
		from         *Checkpoint
		scheme, want string
		known        bool
	}{{clexModel, "clex", "longrope", false}, {yarnModel, "yarn", "longrope", false}, {clexModel, "ntk", "longrope", true}, {clexModel, "pi", "linear", true}} {
		c.from.EndOfText = []int32{2, 1}
		s, err := c.from.SchemeNamed(c.scheme)
		if err != nil {
			t.Fatal(err)
		}
		f, err := c.from.Frozen(s, 4)
		if err != nil {
			t.Fatalf("%s: %v", c.scheme, err)
		}
		got := writeThenRead(t, f, F16)
		if got.CLEX != nil || got.Scaling.Type != c.want || !slices.Equal(got.EndOfText, []int32{2, 1}) {
			t.Errorf("%s: %+v, CLEX %v, ends %v", c.scheme, got.Scaling, got.CLEX, got.EndOfText)
		}
		name := "longrope"
		if c.known {
			name = c.scheme
		}
		again, _, err := got.Scheme()
		if err != nil || again.Name() != name {
			t.Fatalf("%s: is read as %v, %v", c.scheme, again, err)
		}
		config, err := f.MarshalConfig(F16)
		if err != nil || !strings.Contains(string(config), fmt.Sprintf(`"max_position_embeddings": %d,`, 4*f.Config.Rotary.Window)) && c.want == "longrope" {
			t.Errorf("%s: %v: %s", c.scheme, err, config)
		}
		if c.want != "longrope" {
			continue
		}
		var e, read clex.Encoding
		if err := again.Encode(&read, 4, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Encode(&e, 4, 0); err != nil {
			t.Fatal(err)
		}
		if got.Scaling.AttentionFactor != e.AttentionFactor {
			t.Errorf("%s: attention_factor %v, want %v", c.scheme, got.Scaling.AttentionFactor, e.AttentionFactor)
		}
		r := f.Config.Rotary
		for i, f := range got.Scaling.LongFactor {
			if theta := 1 / (f * math.Pow(r.Base, 2*float64(i)/float64(r.Dims))); math.Abs(theta/e.InvFreq[i]-1) > 1e-12 {
				t.Errorf("%s: frequency %d reads as %v, want %v", c.scheme, i, theta, e.InvFreq[i])
			}
			if math.Abs(read.InvFreq[i]/e.InvFreq[i]-1) > 1e-12 || read.AttentionFactor != e.AttentionFactor {
				t.Errorf("%s: is read as %v, want %v", c.scheme, read, e)
			}
		}
	}
	// A name alone would be read as the field before training, or as YaRN with its usual attention factor.
	for _, c := range []*Checkpoint{clexModel, yarnModel} {
		s, _, err := c.Scheme()
		if err != nil {
			t.Fatal(err)
		}
		for _, factor := range []float64{0, 4} {
			if err := c.SetScheme(s, factor); err == nil || !strings.Contains(err.Error(), "options of its own") {
				t.Errorf("%s at %v: error %v", s.Name(), factor, err)
			}
		}
	}
}

func TestPortableRefuses(t *testing.T) {
	r := clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 64}
	for _, c := range []struct {
		scheme string
		o      clex.Options
		t      float64
		want   string
	}{{"string", clex.Options{}, 4, "remaps"}, {"ntk", clex.Options{LogN: true}, 4, "by length"}, {"ntk", clex.Options{}, 0.5, "0.5"}} {
		s, err := clex.New(c.scheme, r, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Portable(s, c.t); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %v: error %v, want %q", c.scheme, c.t, err, c.want)
		}
	}
}

func TestBadSchemeMember(t *testing.T) {
	for text, want := range map[string]string{`{"name":"spiral"}`: "spiral", `{"name":"pi","factor":-2}`: "factor -2", `[]`: schemeMember, `{"name":"pi","factor":0.5}`: "factor 0.5"} {
		x := testCheckpoint(t, "llama", false)
		x.Extra = map[string]jsontext.Value{schemeMember: jsontext.Value(text)}
		if _, _, err := x.Scheme(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
