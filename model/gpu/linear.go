package gpu

import (
	"math"
	"slices"

	"clexlab/model"
)

// linear is a stack of matrices on the device, with the kernels for many rows and for one. Where it takes more
// than the device binds at once, each piece of its outputs is a matrix of its own.
type linear struct {
	many, one     *program
	int8s, biased bool
	pieces        []linearPiece
}

// linearPiece is some outputs of a stack of matrices.
type linearPiece struct {
	outputs                     int
	weights, scale, bias, shape Buffer
}

// kernelsOf makes the kernels of a stack of matrices; features say what else they do.
func (b *builder) kernelsOf(l *linear, s *stack, features ...string) {
	features = s.features(features...)
	l.many = b.program("matmul", map[string]int{"TILE": tile}, features...)
	l.one = b.program("matvec", map[string]int{"ROWS": vecRows}, features...)
}

// linear uploads a stack of matrices and makes its kernels; features say what else they do.
func (b *builder) linear(what string, s stack, features ...string) linear {
	l := b.upload(what, &s)
	b.kernelsOf(&l, &s, features...)
	return l
}

// tied is a linear map that has the matrix of table, and a bias of its own if l has one.
func (b *builder) tied(table *linear, l *model.Linear) linear {
	out := linear{int8s: table.int8s, biased: l.Bias != nil, pieces: slices.Clone(table.pieces)}
	if out.biased {
		from := 0
		for i := range out.pieces {
			p := &out.pieces[i]
			p.bias = b.buffer(appendFloats(nil, l.Bias[from:from+p.outputs]))
			from += p.outputs
		}
	}
	return out
}

// upload puts a stack of matrices on the device, in as many pieces as its bindings need.
func (b *builder) upload(what string, s *stack) linear {
	l := linear{int8s: s.int8s, biased: s.biased}
	limit, all := b.m.driver.Adapter().Limits.BindingBytes, s.outputs()
	most := s.pieceOutputs(limit)
	if most == 0 && b.err == nil {
		b.err = unfit("an output of %s takes more than the %d bytes that the device binds", what, limit)
	}
	for from := 0; from < all && b.err == nil; from += most {
		to := min(from+most, all)
		m := s.piece(from, to)
		p := linearPiece{outputs: to - from, weights: b.buffer(m.weights)}
		if s.int8s {
			p.scale = b.buffer(m.scale)
		}
		if s.biased {
			p.bias = b.buffer(m.bias)
		}
		p.shape = b.buffer(appendWords(nil, []uint32{uint32(s.cols), uint32(p.outputs), math.Float32bits(b.m.plan.cfg.NormEps), uint32(all), uint32(from)}))
		l.pieces = append(l.pieces, p)
	}
	return l
}

// bind makes the groups of a linear map from x to y, one a piece. n is the norm before it, or nil.
func (m *Model) bind(l *linear, p *program, x, y Buffer, n *norm) (all []Group) {
	for i := range l.pieces {
		part := &l.pieces[i]
		list := []Buffer{x, y, part.weights}
		if l.int8s {
			list = append(list, part.scale)
		}
		if n != nil && m.layerNorm == nil {
			list = append(list, n.gain)
		}
		if l.biased {
			list = append(list, part.bias)
		}
		all = append(all, m.driver.Bind(&p.Shader, append(list, part.shape)...))
	}
	return all
}
