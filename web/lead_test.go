//go:build !js

package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
)

// perplexities are those of a text within the trained window and beyond it, token by
// token from the model's logits, under a method at t.
func perplexities(t *testing.T, files modeltest.Files, method string, at float64, tokens []int32) (inside, beyond float64) {
	t.Helper()
	ck, err := checkpoint.ReadParts(files.Config, files.Weights)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(ck.Config, ck.Weights)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(len(tokens))
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New(method, ck.Config.Rotary, clex.Options{Network: ck.CLEX})
	if err != nil {
		t.Fatal(err)
	}
	window := ck.Config.Rotary.Window
	var e clex.Encoding
	if err := scheme.Encode(&e, at, int(at*float64(window))); err != nil {
		t.Fatal(err)
	}
	if err := s.SetEncoding(&e); err != nil {
		t.Fatal(err)
	}
	var sum, n [2]float64
	for i, token := range tokens {
		if logits := s.Logits(); logits != nil {
			total := 0.0
			for _, v := range logits {
				total += math.Exp(float64(v))
			}
			side := min(1, i/window)
			sum[side] += math.Log(total) - float64(logits[token])
			n[side]++
		}
		if err := s.Prefill(t.Context(), []int32{token}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return math.Exp(sum[0] / n[0]), math.Exp(sum[1] / n[1])
}

// TestLeadStatesMeasuredPerplexities reads the figures out of the overview's sentence,
// first at the t that follows the text, then at another one.
func TestLeadStatesMeasuredPerplexities(t *testing.T) {
	s := builtSite(t)
	const seed, length = 7, 128
	var tokens []int32
	for _, tok := range nativeTokens(t, s.files, "clex", seed, length) {
		tokens = append(tokens, tok.ID)
	}
	b := s.tab(t, 1440, 900)
	b.Visit(s.serve(t, "", "") + "?prompt=the+little+fox&windows=4&seed=7&backend=cpu&on=text")
	b.Until("the text is written", wrote(t, s.native(t, "clex", seed, length)))
	figures := regexp.MustCompile(`Plain RoPE .*?\(perplexity ([\d,]+) to ([\d,]+)\); that of CLEX at t = (\d+) .*?\(perplexity ([\d,]+) to ([\d,]+)\)`)
	check := func(at string) {
		t.Helper()
		b.Until("the lead states what was measured at t = "+at, `document.querySelector("#lead").textContent.includes("CLEX at t = `+at+` ")`)
		lead := b.Text("#lead")
		found := figures.FindStringSubmatch(lead)
		if found == nil {
			t.Fatalf("no figures in %q", lead)
		}
		k, err := strconv.ParseFloat(at, 64)
		if err != nil {
			t.Fatal(err)
		}
		var want [4]float64
		want[0], want[1] = perplexities(t, s.files, "rope", k, tokens)
		want[2], want[3] = perplexities(t, s.files, "clex", k, tokens)
		t.Log(want, lead)
		for i, shown := range append(found[1:3:3], found[4:]...) {
			got, err := strconv.ParseFloat(strings.ReplaceAll(shown, ",", ""), 64)
			if err != nil || math.Abs(got-want[i]) > 0.5+1e-4*want[i] {
				t.Errorf("t = %s: figure %d of %q, want %.3f", at, i+1, lead, want[i])
			}
		}
	}
	check("4")
	b.Focus("#t")
	b.Keys(kb.End)
	check("16")
	b.Clean()
}
