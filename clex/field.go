package clex

// Term is the right-hand side of an ordinary differential equation dz/dt = f(t, z).
// A solver needs no more. Terms may keep scratch space: one goroutine at a time.
type Term interface {
	// Dim is the length of a state.
	Dim() int
	// Rate writes f(t, z) into dst; dst and z have length Dim and do not overlap.
	Rate(dst []float64, t float64, z []float64)
}

// VectorField is a term that also yields products with its Jacobian
// J = ∂f/∂z: for gradients (VJP) and for the phase portrait (JVP).
type VectorField interface {
	Term
	// JVP writes J(t, z)·v into dst.
	JVP(dst []float64, t float64, z, v []float64)
	// VJP writes wᵀ·J(t, z) into dst.
	VJP(dst []float64, t float64, z, w []float64)
}

// Parametric is a field with parameters that can be trained.
type Parametric interface {
	VectorField
	// Params is the number of parameters.
	Params() int
	// AccumulateVJP writes wᵀ·∂f/∂z into dst, as VJP does, and adds
	// scale·wᵀ·∂f/∂p to grad (length Params).
	AccumulateVJP(dst, grad []float64, scale, t float64, z, w []float64)
}

// stateless gives fields that depend on t alone their vanishing Jacobian.
type stateless struct{}

func (stateless) JVP(dst []float64, _ float64, _, _ []float64) { clear(dst) }
func (stateless) VJP(dst []float64, _ float64, _, _ []float64) { clear(dst) }
