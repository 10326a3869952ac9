package wire

import "syscall/js"

// paperFunction is the picture's function that draws for paper. No message can do it: a browser that prints waits for nothing.
const paperFunction = "clexlabPaper"

// OfferPaper has draw answer whoever asks a frame's window for its picture.
func OfferPaper(window js.Value, draw func() string) {
	window.Set(paperFunction, js.FuncOf(func(js.Value, []js.Value) any { return draw() }))
}

// AskPaper is what the program in a frame's window draws for paper, "" where it does not run.
func AskPaper(window js.Value) (svg string) {
	if window.Get(paperFunction).Type() != js.TypeFunction {
		return ""
	}
	// The program may have ended.
	defer func() { _ = recover() }()
	if answer := window.Call(paperFunction); answer.Type() == js.TypeString {
		svg = answer.String()
	}
	return svg
}
