// The sum of squares of share vectors of the gradient a workgroup.
@group(1) @binding(0) var<storage, read> gradient: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read_write> parts: array<f32>;

const THREADS: u32 = 256u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let start = group.x * p.share;
  var part = 0.0;
  for (var i = start + t; i < min(p.cols, start + p.share); i += THREADS) { part += dot(gradient[i], gradient[i]); }
  let sum = total(t, part);
  if (t == 0u) { parts[group.x] = sum; }
}
