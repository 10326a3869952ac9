package page

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/picture"
	"clexlab/web/state"
)

// Engine carries out the effects that need a model; its answers come back as
// messages through the host it was made with.
type Engine = state.EngineEffects

// Host is where an engine hands in what it has; every function may be called
// from any goroutine.
type Host struct {
	Send func(state.Message)
	// Resolve turns the path of a shipped file ("/web/…") into its address.
	Resolve func(path string) string
	// Option is a key of the address that chooses how the page runs ("backend").
	Option func(key string) string
}

// Page is the root component: it owns the state.
type Page struct {
	app.Compo
	s state.State
	// out is what components send their messages through.
	out     *sender
	ctx     app.Context
	engine  Engine
	link    picture.Link
	saver   saver
	schemes schemes
	// pending is set while the picture is to be told of a change once this frame is over.
	pending bool
	// scrolls are where the readers of the two texts are.
	scrolls [2]scrollState
	// early are the words that were written before this program ran: they stand in the first text until its tokens come.
	early string
	// pictured is set once the picture's program may start.
	pictured bool
}

// connect makes the engine in the browser; the program that runs there sets it.
var connect func(Host) Engine

// Connect tells the page how to reach its engine. It is called before the page
// is routed, in the browser's program only.
func Connect(f func(Host) Engine) { connect = f }

// New makes the page for app.Route.
func New() app.Composer {
	p := &Page{s: state.New(state.Defaults())}
	begin(&p.s)
	p.early = earlyWords()
	p.out = &sender{p.send}
	return p
}

// OnMount starts the talk with the engine and the picture.
func (p *Page) OnMount(ctx app.Context) {
	p.ctx = ctx
	options := ctx.Page().URL().Query()
	settings, notes := state.Parse(options)
	built := p.s.Built
	p.s = state.New(settings)
	p.s.Built, p.s.Version = built, version()
	p.engine = connect(Host{Send: p.sendAsync, Resolve: ctx.ResolveStaticResource, Option: func(key string) string { return options.Get(key) }})
	if len(notes) > 0 {
		text := ""
		for _, n := range notes {
			text += state.UpperFirst(n) + ". "
		}
		p.run(p.s.Update(state.Notify{Notice: state.Notice{Key: "link", Level: state.Warning, Title: "Part of the link could not be used.", Text: text}}))
	}
	p.link.Post = p.post
	p.run([]state.Effect{state.SetTheme{}})
	p.saver.scene, p.saver.tab = p.s.Scene, p.s.Tab
	p.listen()
	p.checkNetwork()
	ctx.After(pictureWait, func(app.Context) {
		if !p.s.Engine.Ready {
			p.startPicture()
		}
	})
	p.s.Installable = ctx.IsAppInstallable()
}

// pictureWait is how long the picture's program waits for a model that is still
// loading; one that is there is waited for until its first words. The program runs
// on this page's thread and would hold them up, for a second or more on a slow
// machine; the page's own curves stand and move until it has come.
const (
	pictureWait = 6 * time.Second
	frameTime   = 30 * time.Millisecond
)

func (p *Page) startPicture() {
	if !p.pictured {
		p.pictured = true
		p.checkPicture()
	}
}

// OnAppUpdate is go-app's word that a newer version waits.
func (p *Page) OnAppUpdate(app.Context) { p.send(state.UpdateAvailable{}) }

// OnAppInstallChange is go-app's word that the browser offers to install.
func (p *Page) OnAppInstallChange(ctx app.Context) {
	p.send(state.InstallAvailable{On: ctx.IsAppInstallable()})
}

// send takes a message on the UI goroutine.
func (p *Page) send(m state.Message) {
	p.run(p.s.Update(m))
	if err := p.schemes.learn(p.s.Pictured()); err != nil {
		p.trouble("schemes", "Not all frequencies could be set up.", err.Error(), "")
	}
	// They are those of a page without wishes.
	if d, first := &p.s.Panes[0], state.Defaults(); p.early != "" && (len(d.Tokens) > 0 || d.Error != "" || p.s.Engine.Error != "" || d.Method != first.Active || p.s.Prompt != first.Prompt) {
		p.early = ""
	}
	switch m.(type) {
	case state.EngineReady:
		p.checkNetwork() // what it says of the model has become wrong
	case state.TokensWritten, state.EngineFailed, state.JobFailed:
		if !p.pictured {
			// After the frame that shows it.
			p.ctx.After(frameTime, func(app.Context) { p.startPicture() })
		}
	}
}

// sendAsync takes a message from any goroutine.
func (p *Page) sendAsync(m state.Message) {
	p.ctx.Dispatch(func(app.Context) { p.send(m) })
}

// trouble shows a failure that stays until it is dismissed.
func (p *Page) trouble(key, title, text, action string) {
	p.run(p.s.Update(state.Notify{Notice: state.Notice{Key: key, Level: state.Failure, Title: title, Text: text, Action: action}}))
}

// run carries effects out in their order.
func (p *Page) run(effects []state.Effect) {
	for _, e := range effects {
		e.Do(p, p.engine)
	}
}

// Render puts the parts together.
func (p *Page) Render() app.UI {
	s := &p.s
	hidden := s.Hidden
	cols := "cols"
	if hidden.Has(state.HideText) {
		cols += " no-text"
	}
	if hidden.Has(state.HidePicture) {
		cols += " no-picture"
	}
	row, _ := scene.Find(s.Scene)
	root := app.Div().Class("app").DataSet("tab", s.Tab)
	if row.Both {
		root = root.DataSet("both", "true")
	}
	if s.Lesson != "" {
		root = root.DataSet("lesson", s.Lesson)
	}
	return root.OnKeyDown(p.key).Body(
		app.A().Class("skip btn").Href("#text").Text("Skip to the text"),
		&bar{Out: p.out, Current: s.Current(), Settings: s.Settings, Models: s.Models, Engine: s.Engine, Rate: s.Panes[0].Rate, Backend: s.BackendWords(), Reason: s.BackendReason(),
			Installable: s.Installable, Sharing: s.Open[state.SharePanel], ModelsOpen: s.Open[state.ModelPanel]},
		&tSlider{Out: p.out, T: s.T, Most: s.MaxT(), Known: len(s.Models) > 0 || s.Engine.Error != "", Auto: s.Auto, Window: s.Window(), Text: s.TextLength(), Hidden: hidden},
		&notices{Out: p.out, List: s.Notices},
		app.Main().Class(cols).Body(
			app.If(!hidden.Has(state.HidePicture), func() app.UI { return p.pictureColumn() }),
			app.If(!hidden.Has(state.HideText), func() app.UI { return p.sideColumn() }),
		),
		app.If(s.Open[state.SharePanel] && !hidden.Has(state.HideShare), func() app.UI {
			u := *p.address()
			u.RawQuery = s.Shared()
			return &share{Out: p.out, Link: u.String(), LeftOut: s.LeftOut, Large: s.Large, Repeats: !s.WritesTrained() && s.Repeats(0) && (!s.Comparing() || s.Repeats(1)), Own: s.OwnModel(), Brought: s.On == state.OnRead, Trained: s.ShowsTrained()}
		}),
		app.If(s.Open[state.ModelPanel] && !hidden.Has(state.HideModel), func() app.UI {
			return &models{Out: p.out, Opening: s.Opening, Export: s.Export, Kept: s.KeptModels(), Deleted: s.DeletedModel(), Name: s.Current().Name, Method: s.Active, T: s.ExportT(), Why: s.CanExport()}
		}),
		&phoneTabs{Out: p.out, Tab: s.Tab, Hidden: hidden},
		app.Div().Class("sr").ID("live").Attr("aria-live", "polite").Attr("role", "status").Text(s.Spoken),
	)
}

// key closes a drawer with Escape, where that has no meaning of its own, and undoes and redoes wherever the keyboard is, but
// in a field, which has an undo of its own.
func (p *Page) key(_ app.Context, e app.Event) {
	if e.Get("key").String() == "Escape" && !e.Get("target").Call("closest", ".story, .stage, .passage").Truthy() {
		p.send(state.CloseDrawer{})
		return
	}
	if k := e.Get("key").String(); k != "z" && k != "Z" || !e.Get("ctrlKey").Bool() && !e.Get("metaKey").Bool() {
		return
	}
	if tag := e.Get("target").Get("tagName").String(); tag == "INPUT" || tag == "TEXTAREA" || p.s.Hidden.Has(state.HideText) {
		return
	}
	e.PreventDefault()
	if e.Get("shiftKey").Bool() {
		p.send(state.Redo{})
	} else {
		p.send(state.Undo{})
	}
}

func (p *Page) pictureColumn() app.UI {
	s := &p.s
	row, _ := scene.Find(s.Scene)
	show := figuresOf(s, &p.schemes)
	method, share := s.ReadingNow()
	percent := int(100 * share)
	lead := row.Lead
	if row.Both {
		lead = s.Headline()
	}
	solverOpen, tableOpen := s.Open[state.SolverPanel], s.Open[state.TablePanel]
	return app.Section().Class("col pic").Aria("label", "Picture").Body(
		app.If(!s.Hidden.Has(state.HideTabs), func() app.UI { return &pictureTabs{Out: p.out, Scene: s.Scene} }),
		app.Div().Class("caption").Body(
			app.P().Class("lead").ID("lead").Text(lead),
			app.If(row.Maps || row.Loss, func() app.UI {
				return &subject{Out: p.out, ReadOpen: s.Open[state.ReadPanel], On: s.On, Two: s.Comparing(), Brought: s.Reading.Name, Reading: method, Share: percent}
			}),
			app.If(!row.Both && !row.Recall && !s.Hidden.Has(state.HideMethods), func() app.UI {
				recipe := ""
				if m := s.TrainedHere(); m != nil {
					recipe = m.Origin.Recipe
				}
				return &chips{Recipe: recipe, Out: p.out, Shown: show.Shown, Active: s.Active, Beside: s.Beside, Model: s.Current(), More: s.Open[state.MethodsPanel]}
			}),
		),
		&stage{Out: p.out, Show: show, Start: p.pictured, Failed: s.View.Error != "", Drawn: s.View.Drawn, Dragging: s.Dragging, Built: handedOn()},
		app.If(row.Maps || row.Loss, p.passage),
		app.P().Class("reading").ID("reading").Body(app.Span().Body(readingWords(s, row)...)),
		app.If(!s.Hidden.Has(state.HideSolver) || !s.Hidden.Has(state.HideTable) || !s.Hidden.Has(state.HideSave), func() app.UI {
			return &drawers{Out: p.out, Hidden: s.Hidden, SolverOpen: solverOpen, TableOpen: tableOpen, Drawn: s.View.Drawn, Maps: row.Both,
				Evaluations: s.View.Evaluations, Steps: s.View.Steps, Solve: s.View.Solve}
		}),
		app.If(solverOpen && !s.Hidden.Has(state.HideSolver), func() app.UI {
			return &solver{Out: p.out, Solver: s.Solver, Step: s.Step, Tol: s.Tol, Field: s.Field, Pair: s.Pair,
				Layer: s.Layer, Head: s.Head, Mean: s.Mean, Scene: row, Model: s.Current()}
		}),
		app.If(tableOpen && !s.Hidden.Has(state.HideTable), func() app.UI {
			return &table{Out: p.out, Show: show, Maps: row.Both && !s.Hidden.Has(state.HideSave), Drawn: s.View.Drawn}
		}),
		app.If(s.Open[state.ReadPanel], func() app.UI {
			_, _, n, _ := s.Subject()
			name := ""
			if s.On == state.OnRead {
				name = s.Reading.Name
			}
			return &read{Out: p.out, Name: name, Length: n, Window: s.Window(), Losses: show.Losses, Shown: show.Shown, Stopped: s.ReadingStopped(), Reading: method, Share: percent}
		}),
	)
}

// passage are the words of the text that the picture speaks of.
func (p *Page) passage() app.UI {
	s := &p.s
	from, middle, words := s.PassageAround(passageReach)
	_, _, n, _ := s.Subject()
	token, key := s.LitNow()
	losses, by := s.PassageTints(from)
	return &passage{Out: p.out, Name: s.SubjectWords(), From: from, Middle: middle, Count: n, Words: words, Loss: losses[:min(len(words), len(losses))], By: by, Token: token, Key: key, Window: s.Window()}
}

func (p *Page) sideColumn() app.UI {
	s := &p.s
	tab := s.Tab
	if tab == "picture" {
		tab = "text"
	}
	return app.Section().Class("col side").ID("text").Aria("label", "Text and guide").TabIndex(-1).Body(
		&sideTabs{Out: p.out, Tab: tab, Hidden: s.Hidden, Prompt: s.Open[state.PromptPanel]},
		app.If(tab == "text", func() app.UI { return p.textPanel() }).
			ElseIf(tab == "recall", func() app.UI {
				return &recall{Out: p.out, Model: s.Current(), Probe: s.Probe, Window: s.Window(), Ready: s.Engine.Ready, Lengths: s.WholeLengths()}
			}).
			ElseIf(tab == "train", func() app.UI {
				standing := 0
				if m := s.TrainedHere(); m != nil {
					standing = m.Origin.Number
				}
				return &training{Trainings: s.Trainings(), Standing: standing, Out: p.out, MaxT: s.TrainingT(), MostT: s.MostTrainingT(), Training: s.Training, Export: s.Export, Why: s.CanTrain(), WhyNot: s.CanGoOn(), Ready: s.Engine.Ready, Elsewhere: s.TrainedElsewhere(), Window: s.Window(), Using: s.Training.Result != nil && s.Current().ID == s.Training.Result.ID}
			}).
			Else(func() app.UI {
				return &guide{Out: p.out, Lesson: s.Lesson, Step: s.Page, Done: s.LessonDone(), Finished: s.Lessons.Finished, Model: s.Current()}
			}),
		// A lesson does not hide what it speaks of.
		app.If(tab == "guide" && s.Lesson != "", func() app.UI { return p.panes() }),
	)
}

func (p *Page) textPanel() app.UI {
	s := &p.s
	return app.Div().Class("col").Body(
		app.If(!s.Hidden.Has(state.HidePrompt), func() app.UI {
			return &prompt{Out: p.out, Text: s.Prompt, Busy: s.Busy(), Ready: s.Engine.Ready, Windows: s.Windows, Window: s.Window(), Lengths: s.Lengths(),
				Sampling: s.Sampling, SamplingOpen: s.Open[state.SamplingPanel], Open: s.Open[state.PromptPanel], Hidden: s.Hidden,
				Backend: s.Backend, Reason: s.BackendReason(),
				HasText: s.TextLength() > 0, CanUndo: s.CanUndo(), CanRedo: s.CanRedo()}
		}),
		p.panes(),
		p.inspect(),
	)
}

// panes are the texts, side by side.
func (p *Page) panes() app.UI {
	s := &p.s
	row, _ := scene.Find(s.Scene)
	class := "panes"
	if s.Comparing() {
		class += " two"
	}
	panes := make([]app.UI, 0, 2)
	for _, i := range s.Columns() {
		d := &s.Panes[i]
		from, keys, weights := s.ArcsOf(i)
		picked := -1
		if s.Picked.Pane == i {
			picked = s.Picked.Index
		}
		token, key := s.Lit(i)
		tints, stored := s.Tints(i)
		prompt, early := "", ""
		if len(d.Tokens) == 0 {
			prompt = s.Prompt
			if i == 0 {
				early = p.early
			}
		}
		panes = append(panes, &pane{Out: p.out, Index: i, Method: d.Method, Model: s.Current(), By: d.Signature(), Terms: s.TermsOf(i), Phase: d.Phase, Epoch: d.Epoch,
			Tokens: d.Tokens, Judged: tints, Prompt: prompt, Early: early, Scrolling: &p.scrolls[i],
			Read: d.Read, ToRead: d.ToRead, Rate: d.Rate, First: d.FirstToken, Error: d.Error,
			Picked: picked, Held: picked >= 0 && s.Picked.Held, From: from, Keys: keys, Weights: weights, Token: token, Key: key, Window: s.Window(), Target: d.Aim, Hidden: s.Hidden, Engine: s.Engine, Two: s.Comparing(),
			Own: stored, Behind: s.Tab == "picture" && narrow() && !row.Both})
	}
	return app.Div().Class(class).Body(panes...)
}

// inspect is what is said of the token at hand.
func (p *Page) inspect() app.UI {
	s := &p.s
	v := &inspect{Out: p.out, Model: s.Current(), Pick: s.Picked, Own: s.OwnTint, Window: s.Window(), Reads: s.AttendedWords(), Arcs: s.ArcsNow()}
	for _, i := range s.Columns() {
		d := &s.Panes[i].Document
		v.Texts = append(v.Texts, judged{d.Signature(), d.Judged})
		if k := s.Picked; k.Pane == i && k.Index >= 0 && k.Index < len(d.Tokens) {
			token := d.Tokens[k.Index]
			v.Token, v.By, v.Judged = &token, d.Signature(), d.JudgedAt(k.Index)
		}
	}
	return v
}
