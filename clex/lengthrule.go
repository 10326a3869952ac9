package clex

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// RuleKind says how a length scaling factor follows from the length of a text.
type RuleKind uint8

const (
	// CeilRule is the paper's: t = ⌈n/L⌉, so that one t serves a whole window (arXiv 2310.16450, section 3.3).
	CeilRule RuleKind = iota
	// ContinuousRule is t = n/L, moving with every token.
	ContinuousRule
	// FixedRule is one t for all lengths.
	FixedRule
)

var ruleNames = []string{"ceil", "continuous", "fixed"}

// String returns "ceil", "continuous" or "fixed".
func (k RuleKind) String() string {
	if int(k) < len(ruleNames) {
		return ruleNames[k]
	}
	return fmt.Sprintf("RuleKind(%d)", uint8(k))
}

// ParseRuleKind reads what String writes.
func ParseRuleKind(name string) (RuleKind, error) {
	for i, n := range ruleNames {
		if n == name {
			return RuleKind(i), nil
		}
	}
	return 0, fmt.Errorf("clex: no length rule is called %q: want one of %s", name, strings.Join(ruleNames, ", "))
}

// LengthRule turns the length of a text into t. Its zero value is the paper's rule up to
// DefaultTMax. A text that is read at max(t₀, n/L) has a ContinuousRule with TMin t₀.
type LengthRule struct {
	Kind RuleKind
	// Fixed is the t of FixedRule, >= 1, which no bound changes.
	Fixed float64
	// TMin and TMax bound t for the other kinds, 1 <= TMin <= TMax; 1 and DefaultTMax when 0.
	TMin, TMax float64
}

// AtT is the rule of one t for all lengths.
func AtT(t float64) LengthRule { return LengthRule{Kind: FixedRule, Fixed: t} }

// Validate returns an error that names a bad field.
func (r LengthRule) Validate() error {
	if int(r.Kind) >= len(ruleNames) {
		return fmt.Errorf("clex: length rule %d: want 0 … %d", r.Kind, len(ruleNames)-1)
	}
	if r.Kind == FixedRule {
		return checkT(r.Fixed)
	}
	low, high := r.bounds()
	if !(low >= 1) || math.IsInf(low, 0) {
		return fmt.Errorf("clex: least t %v: want a finite number, at least 1", low)
	}
	if !(high >= low) || math.IsInf(high, 0) {
		return fmt.Errorf("clex: largest t %v: want a finite number, at least %v", high, low)
	}
	return nil
}

func (r LengthRule) bounds() (low, high float64) {
	return cmp.Or(r.TMin, 1), cmp.Or(r.TMax, DefaultTMax)
}

// T is the length scaling factor for a text of length tokens and a trained window.
func (r LengthRule) T(length, window int) (float64, error) {
	if err := r.Validate(); err != nil {
		return 0, err
	}
	if length < 0 || window < 1 {
		return 0, fmt.Errorf("clex: t for %d tokens and a window of %d: want at least 0 and 1", length, window)
	}
	if r.Kind == FixedRule {
		return r.Fixed, nil
	}
	t := float64(length) / float64(window)
	if r.Kind == CeilRule {
		t = math.Ceil(t)
	}
	low, high := r.bounds()
	return min(max(t, low), high), nil
}
