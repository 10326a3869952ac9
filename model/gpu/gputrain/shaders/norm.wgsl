// y ← x/rms(x)·gain, a workgroup a row; keeps 1/rms.
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, cols/4)
@group(1) @binding(1) var<storage, read> weights: array<vec4<f32>>;     // the gain from a on
@group(1) @binding(2) var<storage, read_write> y: array<vec4<f32>>;     // (rows, cols/4)
@group(1) @binding(3) var<storage, read_write> inverse: array<f32>;     // (rows)

const THREADS: u32 = 64u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let width = p.cols / 4u;
  let at = group.x * width;
  var square = 0.0;
  for (var c = t; c < width; c += THREADS) { square += dot(x[at + c], x[at + c]); }
  let inv = inverseSqrt(total(t, square) / f32(p.cols) + p.eps);
  for (var c = t; c < width; c += THREADS) { y[at + c] = x[at + c] * inv * weights[p.a + c]; }
  if (t == 0u) { inverse[group.x] = inv; }
}
