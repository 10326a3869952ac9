// One step of AdamW (arXiv 1711.05101, algorithm 2) and of the running mean, unless the gradient is no number.
@group(1) @binding(0) var<storage, read> gradient: array<f32>;
@group(1) @binding(1) var<storage, read> clipped: array<f32>;
@group(1) @binding(2) var<storage, read> decays: array<f32>;            // 1 for matrices, 0 for gains
@group(1) @binding(3) var<storage, read_write> weights: array<f32>;
@group(1) @binding(4) var<storage, read_write> first: array<f32>;
@group(1) @binding(5) var<storage, read_write> second: array<f32>;
@group(1) @binding(6) var<storage, read_write> mean: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= p.cols || clipped[2] == 0.0) { return; }
  let g = gradient[i] * clipped[1];
  let m = p.beta1 * first[i] + (1.0 - p.beta1) * g;
  let v = p.beta2 * second[i] + (1.0 - p.beta2) * g * g;
  first[i] = m;
  second[i] = v;
  let w = weights[i] * (1.0 - p.rate * p.decay * decays[i]) - p.rate * p.correct1 * m / (sqrt(v) * p.correct2 + p.eps);
  weights[i] = w;
  if (p.begins == 1u) { mean[i] = w; }
  else if (p.mean > 0.0) { mean[i] += p.mean * (w - mean[i]); }
}
