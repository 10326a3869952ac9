package state

import (
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clexlab/assets"
	"clexlab/viz/scene"
)

func TestBareAddressIsDefaults(t *testing.T) {
	t.Parallel()
	s, notes := Parse(url.Values{})
	if !reflect.DeepEqual(s, Defaults()) || len(notes) != 0 {
		t.Errorf("Parse of nothing = %+v, notes %v", s, notes)
	}
	if q := Defaults().Query().Encode(); q != "" {
		t.Errorf("the defaults' query is %q, want none", q)
	}
}

func TestParseCorrectsAndSays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		query string
		get   func(Settings) any
		want  any
		note  string // part of the note, "" for none
	}{
		{"t=4.25", func(s Settings) any { return s.T }, 4.25, ""},
		{"t=4.25", func(s Settings) any { return s.Auto }, false, ""},
		{"t=auto", func(s Settings) any { return s.Auto }, true, ""},
		{"t=99", func(s Settings) any { return s.T }, 99.0, ""},
		{"t=3,5", func(s Settings) any { return s.T }, 3.5, ""},
		{"t=9999", func(s Settings) any { return s.T }, 4096.0, "t is outside"},
		{"on=text&tint=own", func(s Settings) any { return string(s.On) + " " + flag(s.OwnTint, "own") }, "text own", ""},
		{"on=moon", func(s Settings) any { return string(s.On) }, "", `"moon"`},
		{"vs=", func(s Settings) any { return s.Beside }, "", ""},
		{"hide=text,picture", func(s Settings) any { return s.Hidden }, HideText, "picture is shown"},
		{"t=-inf", func(s Settings) any { return s.T }, 1.0, "t is outside"},
		{"t=NaN", func(s Settings) any { return s.T }, 1.0, "not a number"},
		{"t=four", func(s Settings) any { return s.T }, 1.0, `"four" is not a number`},
		{"by=yarn&vs=rope", func(s Settings) any { return s.Active + s.Beside }, "yarnrope", ""},
		{"by=magic", func(s Settings) any { return s.Active }, "clex", `"magic"`},
		{"show=yarn,clex", func(s Settings) any { return strings.Join(s.Shown, " ") }, "clex yarn", ""},
		{"show=", func(s Settings) any { return len(s.Shown) }, 0, ""},
		{"show=foo,pi", func(s Settings) any { return strings.Join(s.Shown, " ") }, "pi", `"foo"`},
		{"seed=18446744073709551615", func(s Settings) any { return s.Seed }, uint64(math.MaxUint64), ""},
		{"seed=-1", func(s Settings) any { return s.Seed }, uint64(7), "seed"},
		{"windows=7", func(s Settings) any { return s.Windows }, 8.0, ""},
		{"hide=prompt,Share,moon", func(s Settings) any { return s.Hidden }, HidePrompt | HideShare, `"moon"`},
		{"tab=train", func(s Settings) any { return s.Tab }, "train", ""},
		{"tab=moon", func(s Settings) any { return s.Tab }, "picture", `"moon"`},
		{"lesson=x", func(s Settings) any { return s.Tab }, "guide", ""},
		{"lesson=x&tab=picture", func(s Settings) any { return s.Tab }, "picture", ""},
		{"hide=picture", func(s Settings) any { return s.Tab }, "text", ""},
		{"hide=train&tab=train", func(s Settings) any { return s.Tab }, "picture", ""},
		{"theme=pink", func(s Settings) any { return s.Theme }, "", `"pink"`},
		{"scene=loss", func(s Settings) any { return s.Scene }, scene.Losses, ""},
		{"scene=x", func(s Settings) any { return s.Scene }, scene.Scenes[0].Name, `"x"`},
		{"prompt=" + strings.Repeat("é", MaxPromptBytes), func(s Settings) any { return len(s.Prompt) }, MaxPromptBytes, "cut"},
		{"temp=9", func(s Settings) any { return s.Temperature }, 2.0, "temp is outside"},
	} {
		q, err := url.ParseQuery(row.query)
		if err != nil {
			t.Fatal(err)
		}
		s, notes := Parse(q)
		if got := row.get(s); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%.40s: got %v, want %v", row.query, got, row.want)
		}
		all := strings.Join(notes, "; ")
		if (row.note == "") != (all == "") || !strings.Contains(all, row.note) {
			t.Errorf("%.40s: notes %q, want %q", row.query, all, row.note)
		}
	}
}

// settings draws any settings that the page can reach.
func settings(t *rapid.T) Settings {
	method := rapid.SampledFrom(assets.Methods)
	s := Settings{
		State: scene.State{
			Active: method.Draw(t, "first").Name, T: 1, Token: -1,
			Scene:  rapid.SampledFrom(scene.Scenes).Draw(t, "scene").Name,
			Solver: rapid.SampledFrom([]string{"euler", "rk4", "dopri5"}).Draw(t, "solver"),
			Step:   rapid.Float64Range(MinStep, MaxStep).Draw(t, "step"),
			Tol:    rapid.Float64Range(MinTol, MaxTol).Draw(t, "tol"),
			Theme:  rapid.SampledFrom([]string{"", "light", "dark"}).Draw(t, "theme"),
			Large:  rapid.Bool().Draw(t, "present"),
			Field:  rapid.Bool().Draw(t, "field"),
			Pair:   rapid.IntRange(-1, 64).Draw(t, "pair"),
			Layer:  -1, Head: -1,
			Mean:  rapid.Bool().Draw(t, "pool"),
			Shown: []string{},
		},
		Auto:    rapid.Bool().Draw(t, "auto"),
		Model:   rapid.StringMatching(`[a-z0-9-]{0,20}`).Draw(t, "model"),
		On:      rapid.SampledFrom([]Subject{OnBook, OnText}).Draw(t, "on"),
		OwnTint: rapid.Bool().Draw(t, "tint"),
		Prompt:  rapid.String().Draw(t, "prompt"),
		Windows: rapid.SampledFrom(allLengths).Draw(t, "windows"),
		Sampling: Sampling{
			Temperature: rapid.Float64Range(0, MaxTemperature).Draw(t, "temp"),
			TopK:        rapid.IntRange(0, MaxTopK).Draw(t, "topk"),
			TopP:        rapid.Float64Range(0, 1).Draw(t, "topp"),
			MinP:        rapid.Float64Range(0, 1).Draw(t, "minp"),
			Seed:        rapid.Uint64().Draw(t, "seed"),
		},
		Hidden: Controls(rapid.Uint32Range(0, uint32(controlsEnd)-1).Draw(t, "hidden")),
		Lesson: rapid.StringMatching(`[a-z-]{0,12}`).Draw(t, "lesson"),
		Page:   rapid.IntRange(0, 999).Draw(t, "page"),
	}
	if s.Hidden.Has(HideText | HidePicture) {
		s.Hidden &^= HidePicture
	}
	if s.Tab = rapid.SampledFrom(tabs).Draw(t, "tab"); s.hides(s.Tab) {
		s.Tab = s.firstTab()
	}
	for _, m := range assets.Methods {
		if rapid.Bool().Draw(t, m.Name) {
			s.Shown = append(s.Shown, m.Name)
		}
	}
	if rapid.Bool().Draw(t, "enlarged") {
		s.Layer, s.Head = rapid.IntRange(0, 9).Draw(t, "layer"), rapid.IntRange(0, 9).Draw(t, "head")
	}
	if rapid.Bool().Draw(t, "compare") {
		s.Beside = method.Draw(t, "second").Name
	}
	if !s.Auto {
		s.T = math.Round(100*rapid.Float64Range(MinT, 64).Draw(t, "t")) / 100
	}
	return s
}

func TestSettingsSurviveTheAddress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := settings(t)
		q, err := url.ParseQuery(want.Query().Encode())
		if err != nil {
			t.Fatal(err)
		}
		got, notes := Parse(q)
		if len(notes) != 0 {
			t.Fatalf("a link of our own is corrected: %v", notes)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("t=4&by=yarn&show=clex,pi&hide=prompt")
	f.Add("prompt=%ff%fe&seed=1e9&step=1e400&windows=-3")
	f.Add(Settings{Prompt: "a&b=c#d"}.Query().Encode())
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		s, _ := Parse(q)
		if !(s.T >= MinT && s.T <= 4096) || !known(s.Active) || !(s.Windows > 0) || len(s.Prompt) > MaxPromptBytes {
			t.Fatalf("settings out of bounds: %+v", s)
		}
		again, notes := Parse(s.Query())
		if len(notes) != 0 || !reflect.DeepEqual(s, again) {
			t.Fatalf("not a fixed point: %v\n%+v\n%+v", notes, s, again)
		}
	})
}
