//go:build js && wasm

package page

import (
	"path"
	"strings"
	"syscall/js"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// modelFile reports whether a file may belong to a model, by its name.
func modelFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".gguf", ".safetensors", ".json":
		return true
	}
	return false
}

// chosenFiles are the files of a control, which may be those of a folder and all below it: only its top counts.
func chosenFiles(id string) state.Message {
	control := document.Call("getElementById", id)
	list := control.Get("files")
	var files []js.Value
	folder := ""
	for i := range list.Length() {
		f := list.Index(i)
		if where := f.Get("webkitRelativePath").String(); where != "" {
			if strings.Count(where, "/") != 1 {
				continue
			}
			folder, _, _ = strings.Cut(where, "/")
		}
		files = append(files, f)
	}
	m := brought(folder, files)
	control.Set("value", "") // so that the same files can be chosen again
	return m
}

// brought makes addresses for files that may be a model.
func brought(folder string, files []js.Value) state.FilesBrought {
	m := state.FilesBrought{Name: folder}
	for _, f := range files {
		name := f.Get("name").String()
		if !modelFile(name) {
			continue
		}
		if ext := path.Ext(name); m.Name == "" && strings.EqualFold(ext, ".gguf") {
			m.Name = strings.TrimSuffix(name, ext)
		}
		m.Files = append(m.Files, jobs.File{Name: name, Address: window.Get("URL").Call("createObjectURL", f).String(), Size: int64(f.Get("size").Float())})
	}
	if m.Name == "" {
		m.Name = "model of yours"
	}
	return m
}

// releaseFiles gives up addresses that brought has made.
func releaseFiles(files []jobs.File) {
	for _, f := range files {
		window.Get("URL").Call("revokeObjectURL", f.Address)
	}
}

// takeFiles has what is dropped anywhere on the page read: a text, the files of a model, or its folder.
func (p *Page) takeFiles() {
	window.Call("addEventListener", "dragover", js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault")
		return nil
	}))
	window.Call("addEventListener", "drop", js.FuncOf(func(_ js.Value, args []js.Value) any {
		dropped := args[0].Get("dataTransfer")
		list := dropped.Get("files")
		if list.Length() == 0 {
			return nil
		}
		args[0].Call("preventDefault")
		if items := dropped.Get("items"); items.Length() == 1 {
			if e := items.Index(0).Call("webkitGetAsEntry"); e.Truthy() && e.Get("isDirectory").Bool() {
				p.takeFolder(e)
				return nil
			}
		}
		files := make([]js.Value, list.Length())
		model := false
		for i := range files {
			files[i] = list.Index(i)
			model = model || modelFile(files[i].Get("name").String())
		}
		if model {
			p.sendAsync(brought("", files))
			return nil
		}
		if at := args[0].Get("target"); at.InstanceOf(window.Get("Element")) && at.Call("closest", "#train").Truthy() {
			readLesson(files[0], p.sendAsync)
		} else {
			p.takeText(files[0])
		}
		return nil
	}))
}

// takeFolder takes the files at the top of a folder that was dropped.
func (p *Page) takeFolder(folder js.Value) {
	reader := folder.Call("createReader")
	var files []js.Value
	open := 1 // questions without an answer
	var add, list, fail js.Func
	end := func() {
		if open--; open > 0 {
			return
		}
		add.Release()
		list.Release()
		fail.Release()
		p.sendAsync(brought(folder.Get("name").String(), files))
	}
	add = js.FuncOf(func(_ js.Value, args []js.Value) any {
		files = append(files, args[0])
		end()
		return nil
	})
	fail = js.FuncOf(func(js.Value, []js.Value) any { end(); return nil })
	list = js.FuncOf(func(_ js.Value, args []js.Value) any {
		entries := args[0]
		for i := range entries.Length() {
			if e := entries.Index(i); e.Get("isFile").Bool() {
				open++
				e.Call("file", add, fail)
			}
		}
		if entries.Length() > 0 {
			reader.Call("readEntries", list, fail) // it tells a hundred at a time
			return nil
		}
		end()
		return nil
	})
	reader.Call("readEntries", list, fail)
}

// mostRead is how much of a text file is looked at, in bytes.
const mostRead = 4 << 20

// takeText has a text file read by every method.
func (p *Page) takeText(file js.Value) {
	name := file.Get("name").String()
	if ext := strings.ToLower(path.Ext(name)); ext != ".txt" && ext != ".md" {
		why := "“" + name + "” is neither a text (.txt, .md) nor a part of a model (.gguf, .safetensors, .json)."
		if ext == ".zip" {
			why = "Unpack “" + name + "” first: a model's folder can be dropped as it is then."
		}
		p.sendAsync(state.Notify{Notice: state.Notice{Key: "reading", Level: state.Info, Title: "That file is not read.", Text: why}})
		return
	}
	readFile(file, mostRead, func(text, trouble string) {
		if trouble != "" {
			p.sendAsync(state.Notify{Notice: state.Notice{Key: "reading", Level: state.Info, Title: "That file could not be read.", Text: "“" + name + "”: " + trouble + "."}})
			return
		}
		p.sendAsync(state.ReadText{Name: name, Text: text, Rest: max(0, file.Get("size").Int()-mostRead)})
	})
}

// takeLesson has the training learn from the file that was chosen.
func takeLesson(ctx app.Context, out *sender, id string) {
	control := document.Call("getElementById", id)
	if list := control.Get("files"); list.Length() > 0 {
		readLesson(list.Index(0), func(m state.Message) { ctx.Dispatch(func(app.Context) { out.send(m) }) })
	}
	control.Set("value", "") // so that the same file can be chosen again
}

// readLesson reads a text to learn from, as much of it as can be.
func readLesson(file js.Value, send func(state.Message)) {
	name, size := file.Get("name").String(), int64(file.Get("size").Float())
	readFile(file, state.MostLearnt, func(text, trouble string) {
		send(state.LearnFrom{Name: name, Text: text, Size: size, Error: trouble})
	})
}

// readFile reads the first bytes of a file as UTF-8, or says why not.
func readFile(file js.Value, most int, then func(text, trouble string)) {
	var good, bad js.Func
	release := func() {
		good.Release()
		bad.Release()
	}
	good = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer release()
		then(args[0].String(), "")
		return nil
	})
	bad = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer release()
		then("", "the browser was not let at it, or it has changed since ("+args[0].Get("name").String()+")")
		return nil
	})
	// A beginning is enough: no model here reads megabytes, and the page must not wait for them.
	file.Call("slice", 0, most).Call("text").Call("then", good, bad)
}
