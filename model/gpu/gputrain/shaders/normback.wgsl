// dx += the gradient of RMSNorm's input; the gain's gradient is left in parts, one row a workgroup
// of share rows, to be added up by "gather".
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, cols/4)
@group(1) @binding(1) var<storage, read> weights: array<vec4<f32>>;     // the gain from a on
@group(1) @binding(2) var<storage, read> dy: array<vec4<f32>>;          // (rows, cols/4)
@group(1) @binding(3) var<storage, read> inverse: array<f32>;           // (rows)
@group(1) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;    // (rows, cols/4)
@group(1) @binding(5) var<storage, read_write> parts: array<vec4<f32>>; // (workgroups, cols/4)

const THREADS: u32 = 64u;
//#include reduce

var<private> gains: array<vec4<f32>, MOST_VECTORS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let width = p.cols / 4u;
  let start = group.x * p.share;
  for (var i = 0u; i < MOST_VECTORS; i++) { gains[i] = vec4<f32>(); }
  for (var r = start; r < min(p.rows, start + p.share); r++) {
    let at = r * width;
    var along = 0.0;
    for (var c = t; c < width; c += THREADS) { along += dot(dy[at + c] * weights[p.a + c], x[at + c]); }
    let inv = inverse[r];
    let back = total(t, along) * inv * inv / f32(p.cols);
    for (var i = 0u; i < MOST_VECTORS; i++) {
      let c = t + i * THREADS;
      if (c >= width) { break; }
      let g = dy[at + c];
      let v = x[at + c];
      dx[at + c] += inv * (g * weights[p.a + c] - v * back);
      gains[i] += g * v * inv;
    }
  }
  for (var i = 0u; i < MOST_VECTORS; i++) {
    let c = t + i * THREADS;
    if (c < width) { parts[group.x * width + c] = gains[i]; }
  }
}
