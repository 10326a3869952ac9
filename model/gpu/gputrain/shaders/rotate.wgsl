// Rotates queries and keys in place, half-split pairs.
@group(1) @binding(0) var<storage, read> table: array<vec2<f32>>;       // (rows, HEAD/2)
@group(1) @binding(1) var<storage, read_write> qkv: array<f32>;         // (rows, (heads + 2·kv heads)·HEAD)

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 256u;
  let pairs = HEAD / 2u;
  let each = (p.heads + p.kv_heads) * pairs;
  if (item >= p.rows * each) { return; }
  let row = item / each;
  let head = item % each / pairs;
  let i = item % pairs;
  let cs = table[row * pairs + i];
  let at = row * (p.heads + 2u * p.kv_heads) * HEAD + head * HEAD + i;
  let x = qkv[at];
  let y = qkv[at + pairs];
  qkv[at] = x * cs.x - y * cs.y;
  qkv[at + pairs] = x * cs.y + y * cs.x;
}
