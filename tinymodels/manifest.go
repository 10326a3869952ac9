package tinymodels

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

// Files holds the shipped models under their folder names ("small/base/config.json").
//
//go:embed all:medium all:small
var Files embed.FS

// Recipes holds the training recipes by model ("recipes/small/base.json").
//
//go:embed recipes
var Recipes embed.FS

// Manifest lists what ships, for a page that has to know sizes before it loads.
type Manifest struct {
	Models []Model `json:"models"`
}

// Model is one transformer shape with its variants.
type Model struct {
	Name string `json:"name"`
	// Tokenizer is the path of the tokenizer.json all variants share.
	Tokenizer File      `json:"tokenizer"`
	Variants  []Variant `json:"variants"`
	// Results is the path of the evaluation, empty while there is none.
	Results string `json:"results,omitempty"`
}

// Variant is one checkpoint.
type Variant struct {
	Name string `json:"name"`
	// Scheme is the length-extension method the weights were tuned with ("rope" for base).
	Scheme string `json:"scheme"`
	// Factor is the length scaling factor they were tuned at, 0 where it follows the length of the text.
	Factor  float64 `json:"factor,omitempty"`
	Config  File    `json:"config"`
	Weights File    `json:"weights"`
}

// File is a path below the models' folder and its size in bytes.
type File struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// ReadManifest lists the models in fsys, laid out as Files is. A folder without
// config.json or model.safetensors is not a variant.
func ReadManifest(fsys fs.FS) (Manifest, error) {
	var m Manifest
	models, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return m, fmt.Errorf("tinymodels: %w", err)
	}
	for _, dir := range models {
		if !dir.IsDir() {
			continue
		}
		model := Model{Name: dir.Name()}
		if model.Tokenizer, err = file(fsys, path.Join(dir.Name(), "tokenizer.json")); err != nil {
			continue
		}
		if f, err := file(fsys, path.Join(dir.Name(), "results.json")); err == nil {
			model.Results = f.Path
		}
		variants, err := fs.ReadDir(fsys, dir.Name())
		if err != nil {
			return m, fmt.Errorf("tinymodels: %w", err)
		}
		for _, v := range variants {
			variant, err := readVariant(fsys, path.Join(dir.Name(), v.Name()))
			if err != nil {
				return m, err
			}
			if variant != nil {
				model.Variants = append(model.Variants, *variant)
			}
		}
		m.Models = append(m.Models, model)
	}
	return m, nil
}

func readVariant(fsys fs.FS, dir string) (*Variant, error) {
	v := &Variant{Name: path.Base(dir)}
	var err error
	if v.Config, err = file(fsys, path.Join(dir, "config.json")); err != nil {
		return nil, nil
	}
	if v.Weights, err = file(fsys, path.Join(dir, "model.safetensors")); err != nil {
		return nil, nil
	}
	data, err := fs.ReadFile(fsys, v.Config.Path)
	if err != nil {
		return nil, fmt.Errorf("tinymodels: %w", err)
	}
	var config struct {
		Scheme struct {
			Name   string  `json:"name"`
			Factor float64 `json:"factor"`
		} `json:"clexlab_scheme"`
		RopeScaling *struct {
			Type string `json:"type"`
		} `json:"rope_scaling"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, fmt.Errorf("tinymodels: %s: %w", v.Config.Path, err)
	}
	v.Scheme = "rope"
	if config.RopeScaling != nil {
		v.Scheme = config.RopeScaling.Type
	}
	if config.Scheme.Name != "" {
		v.Scheme, v.Factor = config.Scheme.Name, config.Scheme.Factor
	}
	return v, nil
}

func file(fsys fs.FS, name string) (File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return File{}, err
	}
	return File{Path: name, Size: info.Size()}, nil
}
