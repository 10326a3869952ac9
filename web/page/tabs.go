package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// sideTabs chooses what stands beside the picture.
type sideTabs struct {
	app.Compo
	Out    *sender
	Tab    string
	Hidden state.Controls
	// Prompt says that the prompt is shown where there is little height.
	Prompt bool
}

func (t *sideTabs) Render() app.UI {
	tabs := []tabItem{{"text", "Text"}}
	if !t.Hidden.Has(state.HideRecall) {
		tabs = append(tabs, tabItem{"recall", "Recall probe"})
	}
	if !t.Hidden.Has(state.HideTrain) {
		tabs = append(tabs, tabItem{"train", "Train"})
	}
	if !t.Hidden.Has(state.HideGuide) {
		tabs = append(tabs, tabItem{"guide", "Guide"})
	}
	if len(tabs) == 1 {
		return app.Div().Hidden(true)
	}
	return app.Div().Class("side-tabs").Body(
		app.Div().Role("tablist").Aria("label", "Beside the picture").
			Body(tabButtons("side", tabs, t.Tab, func(id string) { t.Out.send(state.ChooseTab{Tab: id}) })...),
		app.If(t.Tab == "text" && !t.Hidden.Has(state.HidePrompt), func() app.UI {
			return app.Button().Type("button").ID("open-prompt").Class("btn quiet open-prompt").Text("Prompt").Aria("expanded", t.Prompt).
				OnClick(func(app.Context, app.Event) {
					t.Out.send(state.TogglePanel{Panel: state.PromptPanel, Open: !t.Prompt})
				})
		}))
}

// pictureTabs chooses the picture.
type pictureTabs struct {
	app.Compo
	Out   *sender
	Scene scene.Name
}

func (t *pictureTabs) Render() app.UI {
	tabs := make([]tabItem, 0, len(scene.Scenes))
	for _, s := range scene.Scenes {
		tabs = append(tabs, tabItem{string(s.Name), s.Label})
	}
	return app.Div().Class("pic-head").Body(
		app.Div().Class("pic-tabs").Role("tablist").Aria("label", "Pictures").
			Body(tabButtons("scene", tabs, string(t.Scene), func(id string) {
				t.Out.send(state.ChooseScene{Scene: scene.Name(id), Roomy: !narrow()})
			})...),
	)
}

// phoneTabs is the bar at the bottom of a narrow screen.
type phoneTabs struct {
	app.Compo
	Out    *sender
	Tab    string
	Hidden state.Controls
}

func (t *phoneTabs) Render() app.UI {
	var tabs []tabItem
	if !t.Hidden.Has(state.HidePicture) {
		tabs = append(tabs, tabItem{"picture", "Picture"})
	}
	if !t.Hidden.Has(state.HideText) {
		tabs = append(tabs, tabItem{"text", "Text"})
		if !t.Hidden.Has(state.HideRecall) {
			tabs = append(tabs, tabItem{"recall", "Recall"})
		}
		if !t.Hidden.Has(state.HideTrain) {
			tabs = append(tabs, tabItem{"train", "Train"})
		}
		if !t.Hidden.Has(state.HideGuide) {
			tabs = append(tabs, tabItem{"guide", "Guide"})
		}
	}
	return app.Nav().Aria("label", "Parts of the page").Body(
		app.Div().Class("phone-tabs").Role("tablist").Aria("label", "Parts of the page").
			Body(tabButtons("phone", tabs, t.Tab, func(id string) { t.Out.send(state.ChooseTab{Tab: id}) })...))
}

type tabItem struct{ id, label string }

// tabButtons renders a tab list after the ARIA pattern: one stop, arrows move.
func tabButtons(group string, items []tabItem, current string, choose func(string)) []app.UI {
	out := make([]app.UI, len(items))
	for i, it := range items {
		index := -1
		if it.id == current {
			index = 0
		}
		out[i] = app.Button().Type("button").Class("tab").Role("tab").ID(group+"-"+it.id).
			Aria("selected", it.id == current).TabIndex(index).Text(it.label).
			OnClick(func(app.Context, app.Event) { choose(it.id) }, app.EventScope(it.id)).
			OnKeyDown(func(_ app.Context, e app.Event) {
				var to int
				switch e.Get("key").String() {
				case "ArrowRight":
					to = (i + 1) % len(items)
				case "ArrowLeft":
					to = (i + len(items) - 1) % len(items)
				case "Home":
					to = 0
				case "End":
					to = len(items) - 1
				default:
					return
				}
				e.PreventDefault()
				choose(items[to].id)
				focus(group + "-" + items[to].id)
			}, app.EventScope(it.id, len(items)))
	}
	return out
}
