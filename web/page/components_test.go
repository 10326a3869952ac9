package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// No type of the page's holds the whole Page or the whole state: components get plain values and a sender.
func TestComponentsGetPlainValues(t *testing.T) {
	t.Parallel()
	components := 0
	look := func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, f := range fields.Fields.List {
			if s, ok := f.Type.(*ast.SelectorExpr); ok && len(f.Names) == 0 && s.Sel.Name == "Compo" {
				components++
			}
			of := f.Type
			if s, ok := of.(*ast.StarExpr); ok {
				of = s.X
			}
			if name := types.ExprString(of); name == "Page" || name == "state.State" && spec.Name.Name != "Page" {
				t.Errorf("%s holds a %s", spec.Name.Name, name)
			}
		}
		return true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, look)
	}
	if components < 20 {
		t.Fatalf("only %d components are found", components)
	}
}

// rendered is a component's HTML as its engine renders it.
func rendered(t *testing.T, c app.Composer) string {
	t.Helper()
	e := app.NewTestEngine()
	if err := e.Load(c); err != nil {
		t.Fatal(err)
	}
	e.ConsumeAll()
	return app.HTMLString(c)
}

// A component shows the values it is given, and nothing else is needed to try it.
func TestComponentsShowTheirValues(t *testing.T) {
	t.Parallel()
	s := state.New(state.Defaults())
	model := &state.Model{Model: scene.Model{Layers: 2, Heads: 3}}
	word := func(text string, nll float64) state.Token { return state.Token{Text: text, NLL: nll} }
	fox := word("fox ", 1)
	fox.Alternatives = []state.Alternative{{ID: 9, Text: "cat", P: 0.25}}
	flat := func(method string, nll float32) *scene.Loss {
		c := &scene.Loss{Method: method, NLL: make([]float32, 8)}
		for i := range c.NLL {
			c.NLL[i] = nll + float32(i/4)
		}
		return c
	}
	show := figures{Scene: scene.Losses, T: 2, MaxT: 16, Window: 4, Shown: []string{"clex", "rope"}, Compared: []string{"clex", "rope"}, Model: model,
		Subject: "a tale", Losses: []*scene.Loss{flat("clex", 2), flat("rope", 3)}, schemes: &schemes{}}
	behind := show
	behind.T, behind.Losses = 8, []*scene.Loss{{Method: "clex", T: 2, NLL: []float32{1, 2}}}
	first := show
	first.Scene, first.Compared, first.Losses = scene.Overview, []string{"clex", "yarn"}, append(slices.Clone(show.Losses), flat("yarn", 5))
	recalled := show
	recalled.Scene, recalled.Cells = scene.RecallGrids, []state.Cell{{Method: "clex", Tokens: 512, Depth: 0.5, Trials: 4, Right: 3}}
	for name, c := range map[string]struct {
		component app.Composer
		has, not  []string
	}{
		"bar, loading": {&bar{Current: &state.Model{}, Engine: state.Engine{Doing: "model", Loaded: 1 << 20, Total: 4 << 20}},
			[]string{"loading models …", "loading model: 1.0 MB of 4.2 MB"}, []string{"tokens/s"}},
		"bar, ready": {&bar{Current: &state.Model{ID: "b"}, Models: []state.Model{{ID: "a"}, {ID: "b"}}, Engine: state.Engine{Ready: true}, Backend: "WebGPU", Rate: 99.6},
			[]string{"WebGPU", "100 tokens/s"}, []string{"loading"}},
		"bar, stopped": {&bar{Current: &state.Model{}, Engine: state.Engine{Error: "no memory"}}, []string{"engine stopped", "no models"}, []string{"loading"}},
		"notices": {&notices{List: []state.Notice{{Key: "a", Title: "You are offline.", Text: "It works on."}}},
			[]string{"You are offline.", "It works on."}, nil},
		"side tabs":         {&sideTabs{Tab: "text"}, []string{"Recall probe", "Train", "Guide"}, nil},
		"side tabs, hidden": {&sideTabs{Tab: "text", Hidden: state.HideRecall | state.HideGuide}, []string{"Train"}, []string{"Recall probe", "Guide"}},
		"subject":           {&subject{On: state.OnBook, Brought: "my.txt", Reading: "pi", Share: 40}, []string{"my.txt", "PI reads, 40 %"}, nil},
		"prompt, writing":   {&prompt{Text: "Once", Busy: true}, []string{"Once", `id="stop"`}, []string{`id="generate"`}},
		"prompt, at rest":   {&prompt{Text: "Once", Lengths: []float64{1, 4}, Windows: 4, Window: 256}, []string{`id="generate"`, "1,024 tokens", `dir="auto"`}, []string{`id="stop"`, "Temperature"}},
		"prompt, its dial":  {&prompt{SamplingOpen: true, Sampling: state.Sampling{Seed: 77, TopP: 0.5}, Reason: "it is faster"}, []string{`value="77"`, `value="0.5"`, "it is faster"}, nil},
		"solver, fixed":     {&solver{Solver: "rk4", Step: 0.05, Model: &state.Model{}}, []string{"Step in t"}, []string{"Tolerance"}},
		"solver, adaptive":  {&solver{Solver: "dopri5", Tol: 1e-4, Model: &state.Model{}}, []string{"Tolerance"}, []string{"Step in t"}},
		"slider":            {&tSlider{T: 2.5, Most: 16, Window: 256}, []string{"2.50", "640 tokens", "2.5 times the length"}, []string{"Auto: follows"}},
		"slider, Auto":      {&tSlider{T: 4, Most: 16, Window: 256, Auto: true, Hidden: state.HideAuto}, []string{"Auto: follows"}, []string{`id="auto"`}},
		"chips":             {&chips{Shown: []string{"clex"}, Active: "clex", Model: model}, []string{`id="chip-clex"`, "always drawn"}, []string{`id="chip-pose"`, `id="chip-trained"`}},
		"chips, trained": {&chips{Shown: []string{"clex"}, Active: "clex", Recipe: "60 steps of the tales.", Model: &state.Model{Load: jobs.Load{Tuned: map[string]jobs.Weights{"rope": {Name: "base"}, "trained": {Name: "Trained here 1"}}}}},
			[]string{`id="chip-trained"`, "It runs on the weights “Trained here 1”. 60 steps of the tales."}, nil},
		"chunk":             {&chunk{Tokens: []state.Token{word("a ", 1), word("fox ", 5)}, From: 3, Picked: 1, Token: -1, Key: 0, Window: 4, Judged: []float32{2}}, []string{"trained length ends here: 4 tokens", `class="tk s2 key"`, `class="tk on"`, `data-i="4"`}, nil},
		"chunk, own tint":   {&chunk{Tokens: []state.Token{word("a ", 1), word("fox ", 5)}, Picked: -1, Token: -1, Key: -1, Judged: []float32{2}, Own: true}, []string{"s1", "s5"}, []string{"s2"}},
		"pane":              {&pane{Model: model, Method: "clex", Tokens: []state.Token{word("a ", 1)}, By: "CLEX", Phase: state.Rested, Scrolling: &scrollState{}}, []string{"> token<", "Text by CLEX", `id="compare"`}, []string{"close this side"}},
		"pane, too long":    {&pane{Model: model, Method: "clex", Error: "The text has 9 tokens already", Scrolling: &scrollState{}}, []string{"9 tokens already."}, nil},
		"pane, not begun":   {&pane{Model: model, Index: 1, Method: "rope", Prompt: "Once", Two: true, Scrolling: &scrollState{}}, []string{"Once", "No text yet", "close this side"}, []string{`id="compare"`}},
		"pane, early words": {&pane{Model: model, Method: "clex", Prompt: "Once", Early: " upon a time", Scrolling: &scrollState{}}, []string{`class="tk p"`, `class="tk"`, " upon a time"}, nil},
		"pane, taken over":  {&pane{Model: model, Method: "clex", Early: " upon a time", Tokens: []state.Token{word("a ", 1)}, Scrolling: &scrollState{}}, []string{`data-i="0"`}, []string{" upon a time"}},
		"token held":        {&inspect{Model: model, Pick: state.Pick{Index: 6, Held: true}, Token: &fox, By: "PI", Judged: 2}, []string{"token 7", "the judge gave it 14 % (2.00 nats)", "its writer, PI, gave it 37 % (1.00 nats)", "layer 2, head 3", `class="alternative"`, `id="cut"`}, nil},
		"no token":          {&inspect{Model: model, Window: 8, Texts: []judged{{"CLEX", []float32{1, 2, 3, 2, 1, 2, 3, 2}}}}, []string{"CLEX, window by window: 2.0 (7) nats (perplexity)", ">below 1<", `class="tk s1"`, ">1<", ">5<", ">6 nats or more<", "A chance of 1 in 3 to 1 in 7", "A chance of 1 in 403 or less"}, []string{`id="cut"`, ">1 in"}},
		"lessons":           {&guide{Finished: []string{"length"}}, []string{"What am I looking at?", "✓ finished"}, nil},
		"what was measured": {&measured{Name: "small", Window: 256, Shown: &jobs.Measured{On: "novels", Tail: 128, Lengths: []int{256, 16384}, Windows: []int{80, 16}, Rows: []jobs.MeasuredRow{
			{Method: "clex", Weights: "clex", Tuned: true, Least: 1, Most: 64, Perplexity: []float64{24.64, 25}}, {Method: "pi", Weights: "pose", Tuned: true, T: 64, Perplexity: []float64{26.2, 118.4}},
			{Method: "rope", Weights: "base", Tuned: true, Most: 64, Perplexity: []float64{23.7, 847}}, {Method: "yarn", Weights: "base", Least: 1, Most: 16, Perplexity: []float64{23.7, 0}}}}},
			[]string{"16,384 tokens, 16 texts", ">64×<", "24.6", "PoSE", "118", "Plain RoPE", "YaRN, not tuned", "–", "1–64", "not on this device"}, []string{"PI", "Plain RoPE, not"}},
		"a step, done":   {&guide{Lesson: "length", Step: 1, Done: true}, []string{"Done. "}, []string{"Try it. "}},
		"recall":         {&recall{Model: model, Probe: s.Probe, Window: 256, Lengths: []int{1, 2, 4}}, []string{"1,024 tokens", `id="probe-clex"`}, []string{`id="probe-pose"`}},
		"share":          {&share{Link: "https://a.example/?t=2", LeftOut: state.HideModel, Brought: true}, []string{"https://a.example/?t=2", "written anew", "that you brought", `role="dialog"`, `aria-labelledby="share-panel-name"`, `id="share-panel-name">`, `aria-label="Close"`}, nil},
		"read, uncut":    {&read{Name: "“my.txt”", Window: 256}, []string{"Read it"}, []string{"0 tokens", "read-table"}},
		"share, own":     {&share{Own: true, Repeats: true}, []string{"yours and in no link"}, []string{"whoever opens it gets the same"}},
		"share, trained": {&share{Trained: true}, []string{"trained here is left out"}, nil},
		"trained, one":   {&training{Trainings: []state.Model{{ID: "a", Origin: &jobs.Origin{Number: 1}}}, Standing: 1}, []string{`id="train-compare"`, "stands as the method “Trained here”"}, []string{`id="train-method"`}},
		"trained, two": {&training{Trainings: []state.Model{{ID: "a", Name: "first", Origin: &jobs.Origin{Number: 1}}, {ID: "b", Name: "second", Origin: &jobs.Origin{Number: 2}}}, Standing: 2},
			[]string{`id="train-method"`, "first", "second"}, nil},
		"read": {&read{Name: "my.txt", Length: 8, Window: 4, Losses: show.Losses, Shown: []string{"clex", "rope"}}, []string{"within the window", "1× to 2×", "-1.00", "2.00", "(20)", "4.00"}, []string{"2× to 4×", "not read"}},
		"read by one of two": {&read{Name: "my.txt", Length: 4, Window: 4, Losses: []*scene.Loss{{Method: "clex", T: 4, NLL: []float32{1, 2, 3, 4}}, {Method: "pi", T: 2, NLL: []float32{1, 2, 3, 4}}}, Shown: []string{"clex", "rope"}},
			[]string{" CLEX at t = 4", " Plain RoPE", "not read yet"}, []string{"> PI", "stopped"}},
		"losses read at another t": {&table{Show: behind}, []string{"CLEX at t = 2<"}, nil},
		"the same in words":        {&summary{Show: behind}, []string{"Loss picture at t = 8", "CLEX at t = 2: mean loss 1.50 nats"}, nil},
		"losses as an SVG":         {&fallbackSVG{Show: show}, []string{"m-clex", "m-rope", "<svg"}, nil},
		"table of losses":          {&table{Show: show}, []string{"in a tale.", "nats per token, with perplexity", "<td>2.00 (7)</td>", "<td>4.00 (55)</td>"}, []string{"maps"}},
		"table, with maps":         {&table{Show: show, Maps: true}, []string{`id="save-csv-attention"`, "maps of both methods as CSV"}, nil},
		"recall, as a table":       {&table{Show: recalled}, []string{"50 %", "<td>3</td>", "<td>4</td>"}, nil},
		"recall, in words":         {&summary{Show: recalled}, []string{"CLEX: 3 of 4 facts found again."}, nil},
		"losses, in words":         {&summary{Show: show}, []string{"Measured on a tale.", "CLEX: mean loss 2.00 nats within the trained window, 3.00 beyond it (perplexity 7 and 20)."}, nil},
		"stage, to come":           {&stage{Show: show}, []string{"<svg", "at t = 2, 8 tokens"}, nil},
		"drawers":                  {&drawers{Steps: 7, Evaluations: 44, TableOpen: true}, []string{"44", "Data table", `id="save-svg"`, "numbers as CSV"}, []string{"maps"}},
		"drawers, with maps":       {&drawers{Maps: true}, []string{"Save the losses as CSV"}, nil},
		"training, not here":       {&training{Training: s.Training, MaxT: 64, MostT: 64, Why: "no base"}, []string{"64", "up to 64 windows", `id="train-tmax"`, "A quarter of the rows"}, nil},
		"training, no skips":       {&training{Training: state.Training{Choice: state.TrainingPresets[4].Choice}, MaxT: 8, MostT: 64}, []string{`value="8"`, "further apart than a window"}, []string{"spread over"}},
		"losses of the two":        {&table{Show: first}, []string{"CLEX", "YaRN"}, []string{"RoPE"}},
		"the two, in words":        {&summary{Show: first}, []string{"CLEX: mean loss 2.00", "YaRN: mean loss 5.00"}, []string{"RoPE"}},
		"training, of other":       {&training{Training: s.Training, MaxT: 64, MostT: 64, Elsewhere: "small"}, []string{"of the training that began with the model “small”"}, nil},
	} {
		html := rendered(t, c.component)
		for _, want := range c.has {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %q in %s", name, want, html)
			}
		}
		for _, not := range c.not {
			if strings.Contains(html, not) {
				t.Errorf("%s: %q in %s", name, not, html)
			}
		}
	}
}

// Nothing could be said of a scene that is not in the list of accounts.
func TestEverySceneHasItsAccount(t *testing.T) {
	for _, s := range scene.Scenes {
		if _, ok := accounts[s.Name]; !ok {
			t.Errorf("%s has no account", s.Name)
		}
	}
}
