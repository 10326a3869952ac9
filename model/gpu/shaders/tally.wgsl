// Adds what look found of a block's queries to the distance profiles.
@group(1) @binding(0) var<storage, read> mass: array<f32>;              // (heads, block, bins)
@group(1) @binding(1) var<storage, read_write> profile: array<f32>;     // (layers·heads, bins)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= now.bins) { return; }
  var sum = profile[now.bin + id.y * now.bins + id.x];
  for (var q = 0u; q < now.n; q++) { sum += mass[(id.y * now.block + q) * now.bins + id.x]; }
  profile[now.bin + id.y * now.bins + id.x] = sum;
}
