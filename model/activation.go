package model

import (
	"fmt"

	"clexlab/model/kernel"
)

// Activation is the nonlinearity of the MLP: act(gate)·up in the LLaMA form, act(up) in GPT-NeoX's.
type Activation uint8

const (
	// DefaultActivation is SiLU in the LLaMA form and GELU in GPT-NeoX's.
	DefaultActivation Activation = iota
	// SiLU is x·σ(x), also called swish.
	SiLU
	// GELU is x·Φ(x) by way of the error function.
	GELU
	// TanhGELU is the tanh form of GELU that files call gelu_new, gelu_fast or gelu_pytorch_tanh.
	TanhGELU
	// ReLU is max(x, 0).
	ReLU
)

// String is the name that config.json has for it.
func (a Activation) String() string {
	if names := [...]string{"default", "silu", "gelu", "gelu_new", "relu"}; int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("Activation(%d)", uint8(a))
}

// ActivationInForce is Activation, or the architecture's own.
func (c *Config) ActivationInForce() Activation {
	switch {
	case c.Activation != DefaultActivation:
		return c.Activation
	case c.Architecture == NeoX:
		return GELU
	}
	return SiLU
}

// gated reports whether the MLP multiplies by a gate: all of the LLaMA form do.
func (c *Config) gated() bool { return c.Architecture == LLaMA }

// activate writes the activated MLP of n tokens to dst, from their fused projections.
func (c *Config) activate(dst, up []float32, n int) {
	h, act := c.HiddenDim, c.ActivationInForce()
	if !c.gated() {
		apply(act, dst, up[:n*h])
		return
	}
	for i := range n {
		gate, up, to := up[2*i*h:][:h], up[(2*i+1)*h:][:h], dst[i*h:(i+1)*h]
		if act == SiLU {
			kernel.SiLUMul(to, gate, up)
			continue
		}
		apply(act, to, gate)
		for j, u := range up {
			to[j] *= u
		}
	}
}

func apply(a Activation, dst, x []float32) {
	switch a {
	case SiLU:
		kernel.SiLU(dst, x)
	case GELU:
		kernel.GELU(dst, x)
	case TanhGELU:
		kernel.GELUTanh(dst, x)
	case ReLU:
		for i, v := range x {
			dst[i] = max(v, 0)
		}
	}
}
