//go:build !js

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// arrows says which of the module's packages the ones below a folder may import.
// The longest folder that fits a package counts.
var arrows = map[string][]string{
	"clex":               {"clex"},
	"model":              {"clex", "model"},
	"model/gpu":          {"clex", "model", "model/kernel", "model/gpu"},
	"model/gpu/gputrain": {"clex", "model"},
	"model/kernel":       {"model/kernel"},
	"tinymodels":         {"clex", "model", "tinymodels"},
	"viz":                {"assets", "clex", "viz"},
	"viz/scene":          {"clex"},
	"wasm/wire":          {"clex", "viz/scene", "wasm/wire"},
	"wasm/engine":        {"clex", "model", "tinymodels", "viz/scene", "wasm/wire", "wasm/engine"},
	"wasm/view":          {"assets", "clex", "viz", "wasm/wire", "wasm/view"},
	"assets":             {"assets", "clex"},
	"web":                {"tinymodels", "web", "wasm/wire", "assets"},
	"web/cmd/peers":      {"clex", "model", "tinymodels", "web/browsertest"},
	"web/cmd/still":      {"assets", "model/modeltest", "tinymodels", "viz/scene", "wasm/engine/work", "wasm/wire", "web/server", "web/state"},
	"web/page":           {"assets", "clex", "viz/scene", "wasm/wire", "web/page", "web/picture", "web/state"},
	"web/picture":        {"clex", "viz/scene", "wasm/wire", "web/picture", "web/state"},
	"web/client":         {"clex", "viz/scene", "wasm/wire", "web/client", "web/page", "web/state"},
	"web/state":          {"assets", "clex", "viz/scene", "wasm/wire/jobs", "web/state"},
	"web/dictionary":     {"web/dictionary"},
	"web/server":         {"assets", "clex", "model/checkpoint", "model/difference", "model/train/evaluate", "tinymodels", "viz/scene", "wasm/wire", "web/dictionary", "web/page", "web/state"},
	"web/page/testdata":  {"assets", "clex", "viz/scene", "wasm/wire", "web"},
}

// TestImportsFollowTheDrawing keeps every arrow between packages in one direction.
func TestImportsFollowTheDrawing(t *testing.T) {
	for _, target := range []struct{ os, arch string }{{"linux", "amd64"}, {"js", "wasm"}} {
		list := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "clexlab/...")
		list.Env = append(os.Environ(), "GOOS="+target.os, "GOARCH="+target.arch)
		out, err := list.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", target.os, err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if len(lines) < 15 {
			t.Fatalf("go list for %s names only %d packages", target.os, len(lines))
		}
		for _, line := range lines {
			fields := strings.Fields(line)
			name := strings.TrimPrefix(fields[0], "clexlab/")
			folder := longest(name)
			if folder == "" {
				t.Errorf("%s lies in no folder of the drawing", name)
				continue
			}
			for _, imported := range fields[1:] {
				if other, ours := strings.CutPrefix(imported, "clexlab/"); ours && !within(other, arrows[folder]) {
					t.Errorf("%s for %s imports %s: %s may import only %v", name, target.os, other, folder, arrows[folder])
				}
			}
		}
	}
}

// TestServerNeedsNoDisplay: importing ebiten on a machine without a display ends the program.
func TestServerNeedsNoDisplay(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "clexlab/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "clexlab/viz") {
		t.Fatal("go list -deps does not name viz")
	}
	if strings.Contains(string(out), "hajimehoshi/ebiten") {
		t.Error("a package that is built natively imports ebiten")
	}
}

func longest(name string) (folder string) {
	for f := range arrows {
		if within(name, []string{f}) && len(f) > len(folder) {
			folder = f
		}
	}
	return folder
}

func within(name string, folders []string) bool {
	for _, f := range folders {
		if name == f || strings.HasPrefix(name, f+"/") {
			return true
		}
	}
	return false
}
