package page

import (
	"fmt"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/clex"
	"clexlab/web/state"
)

// buttons are what can be done with the training now.
func (v *training) buttons() []app.UI {
	t := &v.Training
	button := func(id, class, words string, drawing string, m state.Message) app.UI {
		var body []app.UI
		if drawing != "" {
			body = append(body, icon(drawing))
		}
		return app.Button().Type("button").ID(id).Class(class).Body(append(body, app.Text(words))...).
			OnClick(func(app.Context, app.Event) { v.Out.send(m) }, app.EventScope(id))
	}
	var out []app.UI
	switch {
	case t.Job != 0 && t.Pausing:
		out = append(out, button("train-go", "btn go", "Continue", "play", state.ContinueTraining{}), button("train-step", "btn", "One step", "next", state.StepTraining{}),
			button("train-stop", "btn", "Stop and keep", "stop", state.StopTraining{}))
	case t.Job != 0:
		out = append(out, button("train-pause", "btn", "Pause", "", state.PauseTraining{}), button("train-stop", "btn", "Stop and keep", "stop", state.StopTraining{}))
	default:
		out = append(out, app.Button().Type("button").ID("train-now").Class("btn go").Disabled(!v.Ready || v.Why != "").Body(icon("play"), app.Text("Train")).
			OnClick(func(app.Context, app.Event) { v.Out.send(state.TrainNow{}) }))
	}
	if len(t.States) > 0 && (t.Job != 0 || t.Asked != nil) {
		out = append(out, v.back())
	}
	if t.Job != 0 {
		out = append(out, v.writer())
		return append(out, app.Span().Class("muted").ID("train-progress").Text(v.progress()))
	}
	if r := t.Result; r != nil {
		out = append(out,
			app.Button().Type("button").ID("train-use").Class("btn").Disabled(v.Using).Text("Use this model").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.UseTrained{}) }),
			app.Button().Type("button").ID("train-keep").Class("btn").Disabled(t.Keeping).Text("Keep it in this browser").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.KeepTrained{}) }),
			app.Button().Type("button").ID("train-download").Class("btn").Disabled(v.Export.Job != 0).Title("A folder in Hugging Face's layout as zip: weights, field, tokenizer, a card, the recipe").Text("Download").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.ExportTrained{}) }))
		if v.Using {
			out = append(out, app.Span().Class("muted").Text("in use: "+r.Name))
		}
	}
	return out
}

// standing offers the method that was trained here, and a choice among several.
func (v *training) standing() app.UI {
	options := make([]app.UI, len(v.Trainings))
	for i, m := range v.Trainings {
		options[i] = app.Option().Value(m.ID).Text(m.Name).Selected(m.Origin.Number == v.Standing)
	}
	return app.Div().Class("row").ID("train-standing").Body(
		app.If(len(options) > 1, func() app.UI {
			return field("The method “"+state.LabelOf(clex.TrainedHere)+"” is", app.Select().ID("train-method").Body(options...).
				OnChange(func(ctx app.Context, _ app.Event) {
					v.Out.send(state.ChooseTrained{ID: ctx.JSSrc().Get("value").String()})
				}))
		}).Else(func() app.UI {
			return app.Span().Class("muted").Text("It stands as the method “" + state.LabelOf(clex.TrainedHere) + "” beside those of this model.")
		}),
		app.Button().Type("button").ID("train-compare").Class("btn").Text("Have it write beside").
			OnClick(func(app.Context, app.Event) { v.Out.send(state.CompareTrained{}) }))
}

// exported tells how the result's file is going.
func (v *training) exported() app.UI {
	x := &v.Export
	switch {
	case x.Error != "":
		return app.Div().Class("trouble").ID("train-exported").Role("alert").Text(state.Sentence(x.Error))
	case x.Job != 0:
		return app.P().Class("muted").ID("train-exported").Text("The file is written: " + share100(x.Done, x.Total))
	}
	return app.P().Class("muted").ID("train-exported").Text(x.Said + " Unpacked, its folder opens here again, and its card says what it is.")
}

// back offers the states that can be gone back to.
func (v *training) back() app.UI {
	t := &v.Training
	options := []app.UI{app.Option().Value("").Text("Go back to …").Selected(true)}
	for _, s := range t.States {
		options = append(options, app.Option().Value(strconv.Itoa(s)).Text(keptStepWords(s)))
	}
	return app.Select().ID("train-back").Aria("label", "Go back to a kept step").Title("States kept so far take " + state.Bytes(t.Bytes)).Body(options...).
		OnChange(func(ctx app.Context, _ app.Event) {
			step, err := strconv.Atoi(ctx.JSSrc().Get("value").String())
			ctx.JSSrc().Set("value", "")
			if err == nil {
				v.Out.send(state.GoBack{Step: step})
			}
		})
}

func keptStepWords(step int) string {
	if step == 0 {
		return "the beginning"
	}
	return "step " + state.Count(step)
}

// kept offers a training that this browser keeps from another visit.
func (v *training) kept() app.UI {
	k := v.Training.Kept
	last := k.States[len(k.States)-1]
	return app.Div().Class("found").ID("train-kept").Body(
		app.P().Text(fmt.Sprintf("A training of %s steps stands at step %s in this browser; its states take %s.", state.Count(k.Steps), state.Count(last), state.Bytes(k.Bytes))),
		app.If(v.WhyNot != "", func() app.UI { return app.P().Class("muted").Text(v.WhyNot) }),
		app.Div().Class("row").Body(
			app.Button().Type("button").ID("train-resume").Class("btn go").Disabled(v.WhyNot != "").Body(icon("play"), app.Text("Go on")).
				OnClick(func(app.Context, app.Event) { v.Out.send(state.GoOnTraining{Step: last}) }),
			app.Button().Type("button").ID("train-delete").Class("btn").Text("Delete it").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.DeleteTraining{}) })))
}

func (v *training) progress() string {
	t := &v.Training
	if t.Step == 0 && !t.Pausing {
		if t.Backend == "" {
			return "fetching text and weights …"
		}
		return "on " + t.Backend + " · the first step …"
	}
	words := fmt.Sprintf("step %d of %d", t.Step, t.Steps)
	if n := len(t.Losses); n > 0 {
		words += fmt.Sprintf(" · loss %.2f nats", t.Losses[n-1])
	}
	if t.Pausing {
		return words + " · pausing"
	}
	return words + fmt.Sprintf(" · %.0f tokens/s on %s", t.Rate, t.Backend) + after(state.TimeLeft(t.Left()))
}
