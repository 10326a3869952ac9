// Package clex is RoPE length extension: how rotary position embeddings turn,
// and how each length-extension method changes their turning for texts longer than
// the window a model was trained on. It knows nothing of models, pixels or JavaScript.
//
// # The story
//
// A rotary embedding ([Rotary]) turns pair i of a head's components by θ_i radians per token. Past
// the trained window L, slow pairs reach angles that attention never met. Length-extension
// methods slow pairs down by amounts that depend on t, the length scaling factor: about how many
// windows the text fills. A method is a [Scheme], made by [New] from its name; it turns t and
// a length into an [Encoding], plain data that a transformer rotates with. A [LengthRule]
// says which t a text of some length asks for.
//
// CLEX (Chen et al. 2023, arXiv 2310.16450) sees z = log θ as the state of a dynamical system that
// starts at the plain frequencies, z(1), and moves with a trained [Network]. So does every other method here, in
// closed form: [Scheme.Field] gives dz/dt of each. All draw alike.
//
// A solve has four parts that know nothing of each other: the [Term] says where z goes, the [Tableau] is
// the Runge–Kutta method, the [Controller] chooses steps, and what comes out is a final state ([Solver]), a
// watched [Step], or a [Trajectory] that is integrated once and read at any t.
//
// Training wants the gradient of a loss on z(t): [Adjoint] differentiates the steps taken, exactly;
// [ContinuousAdjoint] solves the adjoint equation backwards.
//
// # Solvers
//
// Measured is the slope of log error over log step on two problems with known solutions: an
// oscillator, and one whose frequency grows with t. go test -run ExampleTableaus measures it anew.
//
//	name      method                  order  measured  evaluations a step
//	euler     Euler                   1      1.0  1.0  1
//	midpoint  explicit midpoint       2      2.0  2.0  2
//	bosh3     Bogacki–Shampine 3(2)   3      3.0  3.0  3, adaptive
//	rk4       classic Runge–Kutta     4      4.0  4.0  4
//	rk38      3/8 rule                4      4.0  4.0  4, torchdiffeq's rk4
//	dopri5    Dormand–Prince 5(4)     5      5.0  5.0  6, adaptive
//
// # Errors
//
// Whatever can be wrong with a file, a setting or a field is an error that names the value; nothing
// here returns NaN as a result. Fields that run away end in [ErrBlowUp] or [ErrTooManySteps].
package clex
