package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// reaching are the components that still have the whole Page. The list may only become shorter:
// the others get plain values and a sender.
var reaching = []string{"chips", "chunk", "fallbackSVG", "guide", "inspect", "pane", "read", "recall", "share", "stage", "table", "tSlider"}

func TestComponentsGetPlainValues(t *testing.T) {
	t.Parallel()
	found, components := map[string]bool{}, 0
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
			if s, ok := f.Type.(*ast.StarExpr); ok {
				if name, ok := s.X.(*ast.Ident); ok && name.Name == "Page" {
					found[spec.Name.Name] = true
				}
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
	if components < 15 {
		t.Fatalf("only %d components are found", components)
	}
	got := slices.SortedFunc(maps.Keys(found), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	if !slices.Equal(got, reaching) {
		t.Errorf("components with a *Page: %v, the list has %v", got, reaching)
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
		"side tabs":          {&sideTabs{Tab: "text"}, []string{"Recall probe", "Train", "Guide"}, nil},
		"side tabs, hidden":  {&sideTabs{Tab: "text", Hidden: state.HideRecall | state.HideGuide}, []string{"Train"}, []string{"Recall probe", "Guide"}},
		"subject":            {&subject{On: state.OnBook, Brought: "my.txt", Reading: "pi", Share: 40}, []string{"my.txt", "PI reads, 40 %"}, nil},
		"prompt, writing":    {&prompt{Text: "Once", Busy: true}, []string{"Once", `id="stop"`}, []string{`id="generate"`}},
		"prompt, at rest":    {&prompt{Text: "Once", Lengths: []float64{1, 4}, Windows: 4, Window: 256}, []string{`id="generate"`, "1,024 tokens"}, []string{`id="stop"`, "Temperature"}},
		"prompt, its dial":   {&prompt{SamplingOpen: true, Sampling: state.Sampling{Seed: 77, TopP: 0.5}, Reason: "it is faster"}, []string{`value="77"`, `value="0.5"`, "it is faster"}, nil},
		"solver, fixed":      {&solver{Solver: "rk4", Step: 0.05, Model: &state.Model{}}, []string{"Step in t"}, []string{"Tolerance"}},
		"solver, adaptive":   {&solver{Solver: "dopri5", Tol: 1e-4, Model: &state.Model{}}, []string{"Tolerance"}, []string{"Step in t"}},
		"training, not here": {&training{Training: s.Training, MaxT: 64, Why: "no base"}, []string{"64"}, nil},
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
