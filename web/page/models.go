package page

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// models is the panel in which a reader opens a model of their own, takes the one in use away, and sees
// which ones this browser keeps.
type models struct {
	app.Compo
	Out     *sender
	Opening state.Opening
	Export  state.Exporting
	Kept    []state.Model
	// Deleted is the name of one whose deletion can be undone, "" for none.
	Deleted string
	// Name is the model in use, Method what it would be written by, at T; Why says why it cannot be, "" where it can.
	Name, Method string
	T            float64
	Why          string
}

func (v *models) OnMount(ctx app.Context) { enter(ctx, state.ModelPanel) }

func (v *models) Render() app.UI {
	return dialog(v.Out, state.ModelPanel, "share models", "Bring a model, take one away",
		v.bring(),
		app.If(v.Opening.Name != "" || v.Opening.Error != "", v.found),
		app.If(v.Opening.Keeping != 0, func() app.UI {
			return app.P().Class("muted").ID("model-keeping").Text(fmt.Sprintf("Keeping it in this browser: %s of %s", state.Bytes(v.Opening.Kept), state.Bytes(v.Opening.Total)))
		}),
		app.If(len(v.Kept) > 0 || v.Deleted != "", v.kept),
		v.away(),
	)
}

func (v *models) bring() app.UI {
	choose := func(id, words string, folder bool) app.UI {
		input := app.Input().Type("file").ID(id).Class("sr").Multiple(true)
		if folder {
			input = input.Attr("webkitdirectory", true)
		} else {
			input = input.Accept(".gguf,.safetensors,.json")
		}
		return app.Label().Class("btn").Body(input.OnChange(func(app.Context, app.Event) {
			v.Out.send(chosenFiles(id))
		}, app.EventScope(id)), app.Text(words))
	}
	return app.Div().Body(
		app.P().Class("muted small").Text("A .gguf file, or config.json with model.safetensors (in parts too) and tokenizer.json: LLaMA, Mistral, Qwen 2 and 3, GPT-NeoX, Phi 2. "+
			"Choose them here or drop them anywhere on the page. Nothing leaves this device."),
		app.Div().Class("row").Body(choose("model-files", "Choose files …", false), choose("model-folder", "Choose a folder …", true)))
}

// found is what the files are, and what they will count as.
func (v *models) found() app.UI {
	o := &v.Opening
	switch {
	case o.Error != "":
		return app.Div().Class("trouble").ID("model-error").Role("alert").Text(state.Sentence(o.Error))
	case o.Found == nil:
		return app.Div().Class("row").Body(app.Span().Class("muted").Text("Looking at "+o.Name+" …"), v.cancel())
	}
	f := o.Found
	edit := func(change func(*state.Opening)) { v.Out.send(state.EditOpening{Change: change}) }
	var notes []app.UI
	for _, n := range f.Notes {
		notes = append(notes, app.Li().Text(n))
	}
	longest := int(o.TMax * float64(o.Window))
	return app.Div().Class("found").ID("model-found").Body(
		app.P().Body(app.B().Text(o.Name), app.Text(fmt.Sprintf(": %s, %s parameters, %d layers of %d heads, trained on %s%s.", f.Family, state.Millions(f.Parameters), f.Layers, f.Heads,
			state.Tokens(f.Rotary.Window), asked(f)))),
		app.P().ID("model-needs").Text(v.needs(longest)),
		app.If(len(notes) > 0, func() app.UI { return app.Ul().Class("small").Body(notes...) }),
		app.Div().Class("row").Body(
			numberField{label: "Treat as trained on, tokens", id: "model-window", low: jobs.LeastWindow, high: state.MaxWindow, value: float64(o.Window), whole: true}.
				render(v.Out, func(n float64) { edit(func(m *state.Opening) { m.Window = int(n) }) }),
			field("t up to", app.Select().ID("model-tmax").Body(numbers(o.TMax, 2, 4, 8, 16, 32, 64)...).
				OnChange(func(ctx app.Context, _ app.Event) {
					t := number(ctx, o.TMax)
					edit(func(m *state.Opening) { m.TMax = t })
				})),
			check("Keep it in this browser ("+state.Bytes(f.FileBytes)+")", "model-keep", o.Keep, func(on bool) {
				edit(func(m *state.Opening) { m.Keep = on })
			}),
		),
		app.Div().Class("row").Body(
			app.Button().Type("button").ID("model-open").Class("btn go").Text("Open").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.OpenModel{}) }),
			v.cancel()))
}

func (v *models) cancel() app.UI {
	return app.Button().Type("button").ID("model-cancel").Class("btn").Text("Cancel").
		OnClick(func(app.Context, app.Event) { v.Out.send(state.CancelOpening{}) })
}

// asked says what the file wants to be read by.
func asked(f *jobs.Described) string {
	switch {
	case f.Network != nil:
		return fmt.Sprintf(", tuned with CLEX to t = %s", state.Factor(f.TMax))
	case f.Method == "" || f.Method == "rope":
		return ""
	}
	if m, _ := assets.Lookup(f.Method); m.Listed {
		return ", with a list of frequencies in its file, by which it is read"
	}
	words := ", read by " + state.LabelOf(f.Method)
	if f.AskedT > 0 {
		words += " at t = " + state.Factor(f.AskedT)
	}
	return words + " as its file asks"
}

// needs says what the model takes, before it is loaded.
func (v *models) needs(longest int) string {
	o := &v.Opening
	f := o.Found
	words := fmt.Sprintf("It takes %s of memory as int8, and %s more for a text of %s, the longest at this t.", state.Bytes(f.Memory), state.Bytes(o.CacheBytes()), state.Tokens(longest))
	if f.Speed.Prefill > 0 && f.Speed.Decode > 0 {
		words += fmt.Sprintf(" Reckoned from one of its layers run just now on one processor core: 1,024 tokens read in %s, then about %s tokens written a second.",
			about(o.ReadingTime(1024)), rounded(f.Speed.Decode))
	}
	return words
}

func about(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 1:
		return "under a second"
	case s < 100:
		return fmt.Sprintf("about %.0f s", s)
	default:
		return fmt.Sprintf("about %.0f minutes", s/60)
	}
}

// rounded writes a number with two digits that count.
func rounded(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	step := math.Pow(10, math.Floor(math.Log10(x))-1)
	return state.Count(int(math.Round(x/step) * step))
}

// kept lists the models in this browser's storage.
func (v *models) kept() app.UI {
	var rows []app.UI
	for _, m := range v.Kept {
		rows = append(rows, app.Li().Class("row").Body(app.Span().Text(m.Name+", "+state.Bytes(m.Size)), app.Span().Class("grow"),
			app.Button().Type("button").Class("btn").DataSet("model", m.ID).Text("Delete").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.DeleteKept{ID: m.ID}) }, app.EventScope(m.ID))))
	}
	if v.Deleted != "" {
		rows = append(rows, app.Li().Class("row").Body(app.Span().Class("muted").Text(v.Deleted+" is deleted"), app.Span().Class("grow"),
			app.Button().Type("button").ID("model-undelete").Class("btn").Body(icon("undo"), app.Text("Undo")).
				OnClick(func(app.Context, app.Event) { v.Out.send(state.Undelete{}) })))
	}
	return app.Div().ID("models-kept").Body(app.H3().Text("Kept in this browser"), app.Ul().Class("plain").Body(rows...))
}

// away writes the model in use for other programs.
func (v *models) away() app.UI {
	x := &v.Export
	var forms, types []app.UI
	why := ""
	for _, f := range state.ExportFormats {
		forms = append(forms, app.Option().Value(string(f.Format)).Text(f.Label).Selected(f.Format == x.Format))
		if f.Format != x.Format {
			continue
		}
		why = f.Why
		for _, p := range f.Precisions {
			types = append(types, app.Option().Value(p).Text(p).Selected(p == x.Precision))
		}
	}
	what := fmt.Sprintf("%s, read by %s at t = %s. ", v.Name, state.LabelOf(v.Method), state.Factor(v.T))
	if x.Format == jobs.CLEXFolder {
		what = v.Name + ". "
	}
	return app.Div().Class("away").ID("models-away").Body(
		app.H3().Text("Take it away"),
		app.P().Class("small").Body(app.Text(what), app.Span().Class("muted").Text(why)),
		app.If(v.Why != "", func() app.UI { return app.P().Class("trouble").Text(v.Why) }),
		app.Div().Class("row").Body(
			field("As", app.Select().ID("export-form").Body(forms...).OnChange(func(ctx app.Context, _ app.Event) {
				v.Out.send(state.EditExport{Format: jobs.Format(ctx.JSSrc().Get("value").String())})
			})),
			field("Weights", app.Select().ID("export-type").Body(types...).OnChange(func(ctx app.Context, _ app.Event) {
				v.Out.send(state.EditExport{Precision: ctx.JSSrc().Get("value").String()})
			})),
			app.If(x.Job == 0, func() app.UI {
				return app.Button().Type("button").ID("export-go").Class("btn go").Disabled(v.Why != "").Text("Download").
					OnClick(func(app.Context, app.Event) { v.Out.send(state.ExportModel{}) })
			}).Else(func() app.UI {
				return app.Button().Type("button").ID("export-stop").Class("btn").Body(icon("stop"), app.Text("Cancel")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.StopExport{}) })
			}),
			app.If(x.Job != 0, func() app.UI {
				return app.Span().Class("muted").Text("reading " + share100(x.Done, x.Total))
			})),
		app.If(x.Said != "", func() app.UI { return app.P().Class("muted").ID("export-said").Text(x.Said) }),
		app.If(x.Error != "", func() app.UI {
			return app.Div().Class("trouble").ID("export-error").Role("alert").Text(state.Sentence(x.Error))
		}))
}

// share100 is a part of a whole in percent.
func share100(done, total int64) string {
	if total <= 0 {
		return "…"
	}
	return fmt.Sprintf("%d %%", 100*done/total)
}
