package clex

import (
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

// LengthRule turns the length of a text into t. Its zero value is the paper's rule up to t = 16.
type LengthRule struct {
	Kind RuleKind
	// Fixed is the t of FixedRule, >= 1.
	Fixed float64
	// TMax bounds t, >= 1; 16 when 0.
	TMax float64
}

// Validate returns an error that names a bad field.
func (r LengthRule) Validate() error {
	if int(r.Kind) >= len(ruleNames) {
		return fmt.Errorf("clex: length rule %d: want 0 … %d", r.Kind, len(ruleNames)-1)
	}
	if r.TMax != 0 && (!(r.TMax >= 1) || math.IsInf(r.TMax, 0)) {
		return fmt.Errorf("clex: largest t %v: want a finite number, at least 1", r.TMax)
	}
	if r.Kind == FixedRule {
		return checkT(r.Fixed)
	}
	return nil
}

// T is the length scaling factor for a text of length tokens and a trained window: at least 1, at most TMax.
func (r LengthRule) T(length, window int) (float64, error) {
	if err := r.Validate(); err != nil {
		return 0, err
	}
	if length < 0 || window < 1 {
		return 0, fmt.Errorf("clex: t for %d tokens and a window of %d: want at least 0 and 1", length, window)
	}
	t := float64(length) / float64(window)
	switch r.Kind {
	case CeilRule:
		t = math.Ceil(t)
	case FixedRule:
		t = r.Fixed
	}
	limit := r.TMax
	if limit == 0 {
		limit = defaultTMax
	}
	return min(max(t, 1), limit), nil
}
