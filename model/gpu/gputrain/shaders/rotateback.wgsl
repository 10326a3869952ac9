// Turns the gradient of rotated queries and keys back, and adds to each row the gradient of its
// frequencies: position · Σ over heads of dL/dφ, where ∂(a', b')/∂φ = (-b', a') of the rotated pair.
@group(1) @binding(0) var<storage, read> table: array<vec2<f32>>;       // (rows, HEAD/2)
@group(1) @binding(1) var<storage, read> positions: array<u32>;         // (rows)
@group(1) @binding(2) var<storage, read> qkv: array<f32>;               // (rows, (heads + 2·kv heads)·HEAD), rotated
@group(1) @binding(3) var<storage, read_write> dqkv: array<f32>;        // the same shape
@group(1) @binding(4) var<storage, read_write> frequency: array<f32>;   // (rows, HEAD/2)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 64u;
  let pairs = HEAD / 2u;
  if (item >= p.rows * pairs) { return; }
  let row = item / pairs;
  let i = item % pairs;
  let cs = table[item];
  var sum = 0.0;
  for (var head = 0u; head < p.heads + p.kv_heads; head++) {
    let at = row * (p.heads + 2u * p.kv_heads) * HEAD + head * HEAD + i;
    let g = dqkv[at];
    let h = dqkv[at + pairs];
    sum += h * qkv[at] - g * qkv[at + pairs];
    dqkv[at] = g * cs.x + h * cs.y;
    dqkv[at + pairs] = h * cs.x - g * cs.y;
  }
  frequency[item] += f32(positions[row]) * sum;
}
