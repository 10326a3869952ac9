//go:build !js

// Command web serves the page, or writes it out for a static host.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"clexlab/tinymodels"
	"clexlab/web/server"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	base := flag.String("base", "", "path below which the page lives, as in /clexlab")
	dist := flag.String("dist", "", "folder of the built programs; empty takes those in this binary")
	public := flag.String("public", "", "address under which the world reaches the page, as in https://example.org, for previews of links")
	frames := flag.String("frames", "", "sites that may show the page in a frame of theirs, as in https://school.example or *; empty is its own")
	models := flag.String("models", "", "folder with models of your own to offer beside those in this binary: folders in Hugging Face's layout, .gguf files")
	out := flag.String("static", "", "write the page for a static host into this folder and stop")
	flag.Parse()
	o := server.Options{Dist: built(*dist), Models: fs.FS(tinymodels.Files), Base: *base, Public: *public, Frames: *frames}
	if *models != "" {
		o.Own, o.Warn = os.DirFS(*models), func(err error) { log.Print(err) }
	}
	if err := run(o, *addr, *out); err != nil {
		log.Fatal(err)
	}
}

// built is the folder of the programs that are served.
func built(dir string) fs.FS {
	if dir != "" {
		return os.DirFS(dir)
	}
	if embedded != nil {
		return embedded
	}
	return os.DirFS("web/dist")
}

func run(o server.Options, addr, out string) error {
	h, err := server.New(o)
	if err != nil {
		return err
	}
	if out != "" {
		return h.Export(out)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("clexlab is at http://%s%s/\n", listener.Addr(), o.Base)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		wait, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		done <- s.Shutdown(wait)
	}()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
