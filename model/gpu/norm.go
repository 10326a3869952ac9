package gpu

import "clexlab/model"

// norm is a normalisation on the device: RMSNorm as part of the product that follows, LayerNorm as a kernel of its own before it.
type norm struct {
	gain, shift Buffer // shift only of LayerNorm
}

func (b *builder) norm(n *model.Norm) norm {
	out := norm{gain: b.buffer(appendFloats(nil, n.Weight))}
	if b.m.plan.cfg.Architecture == model.NeoX {
		shift := n.Bias
		if shift == nil {
			shift = make([]float32, len(n.Weight))
		}
		out.shift = b.buffer(appendFloats(nil, shift))
	}
	return out
}

// normed are the features of a product of normalised rows.
func (b *builder) normed() []string {
	if b.m.plan.cfg.Architecture == model.NeoX {
		return nil
	}
	return []string{"NORM"}
}

// activationFeatures are those of the product before an MLP's nonlinearity.
func activationFeatures(c *model.Config) []string {
	names := map[model.Activation]string{model.SiLU: "SILU", model.GELU: "GELU", model.TanhGELU: "TANHGELU", model.ReLU: "RELU"}
	return []string{"ACTIVATED", names[c.ActivationInForce()]}
}

// bindNorm makes the group of a LayerNorm from the residual stream to y.
func (s *Sequence) bindNorm(n *norm, y Buffer) Group {
	if s.m.layerNorm == nil {
		return 0
	}
	// Any piece of a map from the residual stream says how wide that is, and ε.
	return s.m.driver.Bind(&s.m.layerNorm.Shader, s.buf.x, n.gain, n.shift, y, s.m.table.pieces[0].shape)
}

// normalise records the LayerNorm of n rows, where the model has any.
func (s *Sequence) normalise(g Group, n int) {
	if p := s.m.layerNorm; p != nil {
		s.c.Run(p.pipeline, g, n, 1, 1)
	}
}
