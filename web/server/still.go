package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// StillFile is the still's name among what is built.
const StillFile = "still.json"

// StillIsOf reports whether a still is of the first of these models.
func StillIsOf(data []byte, models fs.FS) bool {
	index, err := Catalogue(models)
	return err == nil && isOf(data, models, index.Models)
}

func isOf(data []byte, models fs.FS, offers []jobs.Offer) bool {
	still := state.ParseStill(data)
	if still == nil || len(offers) == 0 {
		return false
	}
	sum, err := WeightsSum(models, &offers[0])
	return err == nil && sum == still.Sum
}

// WeightsSum names the weights that the first look runs on, CLEX's and plain RoPE's, by their SHA-256.
func WeightsSum(models fs.FS, o *jobs.Offer) (string, error) {
	sum := sha256.New()
	for _, name := range []string{o.Load.Weights, o.Tuned["rope"].Weights} {
		if name == "" {
			continue
		}
		data, err := fs.ReadFile(models, name)
		if err != nil {
			return "", fmt.Errorf("server: %w", err)
		}
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// stillOf is the built still as JSON, "" where there is none of these models.
func stillOf(o Options, models []jobs.Offer) string {
	data, err := fs.ReadFile(o.Dist, StillFile)
	if err != nil || !isOf(data, o.Models, models) {
		return ""
	}
	return string(data)
}
