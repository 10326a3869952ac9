// The nonlinearity of an MLP. Arguments of exp stay where it is finite, as WGSL promises nothing of infinities.
//#if SILU
fn activated(v: f32) -> f32 { return v / (1.0 + exp(min(-v, 80.0))); }
//#endif
//#if GELU
// v·Φ(v) from erfc(|v|/√2), so that neither tail cancels. ln(erfc(z)/t) + z² is a polynomial in t = 1/(1 + z/2), a Chebyshev fit
// with a relative error below 1.2e-7 (Press et al., Numerical Recipes, the function erfcc), as package kernel has it.
fn activated(v: f32) -> f32 {
  let z = min(abs(v) * 0.70710678, 9.0);
  let t = 1.0 / (1.0 + 0.5 * z);
  var p = 0.17087277;
  p = p * t - 0.82215223;
  p = p * t + 1.48851587;
  p = p * t - 1.13520398;
  p = p * t + 0.27886807;
  p = p * t - 0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  p = p * t - 1.26551223;
  return max(v, 0.0) - 0.5 * abs(v) * t * exp(p - z * z);
}
//#endif
//#if TANHGELU
// v/2·(1 + tanh(√(2/π)·(v + 0.044715·v³))); tanh by the logistic function.
fn activated(v: f32) -> f32 { return v / (1.0 + exp(min(-1.5957691 * (v + 0.044715 * v * v * v), 80.0))); }
//#endif
//#if RELU
fn activated(v: f32) -> f32 { return max(v, 0.0); }
//#endif
