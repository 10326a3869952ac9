//go:build js && wasm

package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/client"
	"clexlab/web/page"
)

func main() {
	page.Connect(client.Connect)
	app.Route("/", page.New)
	app.RunWhenOnBrowser()
}
