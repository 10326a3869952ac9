//go:build js && wasm

package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall/js"

	"clexlab/wasm/wire/jobs"
)

// Models are kept in the origin's private file system: a folder for each, with its files and offerFile, which is
// written last, so that a folder without it is half a model.
const (
	storageFolder = "models"
	offerFile     = "offer.json"
)

var create = map[string]any{"create": true}

// storage is the folder of kept models.
func storage() (js.Value, error) { return originFolder(storageFolder, true) }

// originFolder is a folder at the top of the origin's storage.
func originFolder(name string, create bool) (js.Value, error) {
	manager := js.Global().Get("navigator").Get("storage")
	if !manager.Truthy() || manager.Get("getDirectory").IsUndefined() {
		return js.Undefined(), errors.New("this browser has no private storage for files here; it needs https or localhost")
	}
	root, err := await(manager.Call("getDirectory"))
	if err != nil {
		return root, err
	}
	return await(root.Call("getDirectoryHandle", name, map[string]any{"create": create}))
}

// Kept implements Browser. What cannot be read is passed by: the page works without it.
func (b *webBrowser) Kept() []jobs.Offer {
	all, err := storage()
	if err != nil {
		return nil
	}
	var out []jobs.Offer
	for entries := all.Call("entries"); ; {
		next, err := await(entries.Call("next"))
		if err != nil || next.Get("done").Bool() {
			return out
		}
		name, folder := next.Get("value").Index(0).String(), next.Get("value").Index(1)
		if folder.Get("kind").String() != "directory" {
			continue
		}
		o, err := keptModel(folder)
		if err != nil {
			await(all.Call("removeEntry", name, map[string]any{"recursive": true})) // half a model, or another version's
			continue
		}
		out = append(out, o)
	}
}

// keptModel is the model in a folder, its files at addresses of this document.
func keptModel(folder js.Value) (jobs.Offer, error) {
	var o jobs.Offer
	file, err := storedFile(folder, offerFile)
	if err != nil {
		return o, err
	}
	text, err := await(file.Call("text"))
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(text.String()), &o); err != nil {
		return o, err
	}
	list, err := json.Marshal(jobs.Catalogue{Models: []jobs.Offer{o}})
	if err != nil {
		return o, err
	}
	if _, err := jobs.ParseCatalogue(list); err != nil {
		return o, err
	}
	for i := range o.Files {
		f := &o.Files[i]
		file, err := storedFile(folder, f.Name)
		if err != nil {
			return o, err
		}
		if size := int64(file.Get("size").Float()); size != f.Size {
			return o, fmt.Errorf("%s has %d bytes, not %d", f.Name, size, f.Size)
		}
		f.Address = js.Global().Get("URL").Call("createObjectURL", file).String()
	}
	o.Kept = true
	return o, nil
}

func storedFile(folder js.Value, name string) (js.Value, error) {
	handle, err := await(folder.Call("getFileHandle", name))
	if err != nil {
		return handle, err
	}
	return await(handle.Call("getFile"))
}

// KeepModel implements Browser.
func (b *webBrowser) KeepModel(o jobs.Offer, progress func(done int64)) (jobs.Offer, error) {
	all, err := storage()
	if err != nil {
		return o, err
	}
	folder, err := await(all.Call("getDirectoryHandle", o.ID, create))
	if err != nil {
		return o, err
	}
	fail := func(err error) (jobs.Offer, error) {
		await(all.Call("removeEntry", o.ID, map[string]any{"recursive": true}))
		if strings.Contains(err.Error(), "Quota") {
			err = errors.New("there is not enough room; delete another kept model, or free some of the disk")
		}
		return o, err
	}
	done := int64(0)
	o.Files = slices.Clone(o.Files)
	for i, f := range o.Files {
		before := done
		from, err := await(js.Global().Call("fetch", f.Address))
		if err != nil {
			return fail(fmt.Errorf("%s: %w", f.Name, err))
		}
		reader := from.Get("body").Call("getReader")
		err = store(folder, f.Name, func() (js.Value, error) {
			part, err := await(reader.Call("read"))
			if err != nil || part.Get("done").Bool() {
				return js.Undefined(), err
			}
			done += int64(part.Get("value").Get("byteLength").Int())
			progress(done)
			return part.Get("value"), nil
		})
		if err != nil {
			return fail(fmt.Errorf("%s: %w", f.Name, err))
		}
		o.Files[i].Size = done - before
	}
	text, err := json.Marshal(o)
	if err != nil {
		return fail(err)
	}
	left := js.ValueOf(string(text))
	err = store(folder, offerFile, func() (js.Value, error) {
		now := left
		left = js.Undefined()
		return now, nil
	})
	if err != nil {
		return fail(err)
	}
	kept, err := keptModel(folder)
	if err != nil {
		return fail(err)
	}
	return kept, nil
}

// store writes a file from parts, which end with an undefined one.
func store(folder js.Value, name string, next func() (js.Value, error)) error {
	handle, err := await(folder.Call("getFileHandle", name, create))
	if err != nil {
		return err
	}
	if handle.Get("createWritable").IsUndefined() {
		return errors.New("this browser's storage cannot be written to from a page")
	}
	out, err := await(handle.Call("createWritable"))
	if err != nil {
		return err
	}
	for {
		part, err := next()
		if err == nil && part.IsUndefined() {
			_, err = await(out.Call("close"))
			return err
		}
		if err == nil {
			_, err = await(out.Call("write", part))
		}
		if err != nil {
			out.Call("abort")
			return err
		}
	}
}

// ForgetModel implements Browser.
func (b *webBrowser) ForgetModel(id string) error {
	all, err := storage()
	if err != nil {
		return err
	}
	_, err = await(all.Call("removeEntry", id, map[string]any{"recursive": true}))
	return err
}

// trainingFolder is where a training's states are kept, if there are any.
func trainingFolder() (js.Value, error) { return originFolder(jobs.TrainingFolder, false) }

// KeptTraining implements Browser.
func (b *webBrowser) KeptTraining() (k jobs.KeptTraining, ok bool) {
	folder, err := trainingFolder()
	if err != nil {
		return k, false
	}
	file, err := storedFile(folder, jobs.TrainingFile)
	if err != nil {
		return k, false
	}
	text, err := await(file.Call("text"))
	if err != nil {
		return k, false
	}
	return k, json.Unmarshal([]byte(text.String()), &k) == nil
}

// ForgetTraining implements Browser. The folder stays: a worker may hold it.
func (b *webBrowser) ForgetTraining() {
	folder, err := trainingFolder()
	if err != nil {
		return
	}
	var names []string
	for keys := folder.Call("keys"); ; {
		next, err := await(keys.Call("next"))
		if err != nil || next.Get("done").Bool() {
			break
		}
		names = append(names, next.Get("value").String())
	}
	for _, name := range names {
		await(folder.Call("removeEntry", name))
	}
}

// Download implements Browser.
func (b *webBrowser) Download(name, address string) {
	document := js.Global().Get("document")
	a := document.Call("createElement", "a")
	a.Set("href", address)
	a.Set("download", name)
	document.Get("body").Call("appendChild", a)
	a.Call("click")
	a.Call("remove")
}
