// Adds what attentionmap found of a block's queries to the distance profiles.
@group(1) @binding(0) var<storage, read> mass: array<f32>;              // (heads, block, bins)
@group(1) @binding(1) var<storage, read_write> profile: array<f32>;     // (layers·heads, bins)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.bins) { return; }
  var sum = profile[params.bin + id.y * params.bins + id.x];
  for (var q = 0u; q < params.n; q++) { sum += mass[(id.y * params.block + q) * params.bins + id.x]; }
  profile[params.bin + id.y * params.bins + id.x] = sum;
}
