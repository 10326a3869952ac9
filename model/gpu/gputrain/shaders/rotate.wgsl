// Rotates queries and keys in place, half-split pairs.
@group(1) @binding(0) var<storage, read> table: array<vec2<f32>>;       // (rows, HEAD/2)
@group(1) @binding(1) var<storage, read_write> qkv: array<f32>;         // (rows, (heads + 2·kv heads)·HEAD)

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pairs = HEAD / 2u;
  let each = (p.heads + p.kv_heads) * pairs;
  if (id.x >= p.rows * each) { return; }
  let row = id.x / each;
  let head = id.x % each / pairs;
  let i = id.x % pairs;
  let cs = table[row * pairs + i];
  let at = row * (p.heads + 2u * p.kv_heads) * HEAD + head * HEAD + i;
  let x = qkv[at];
  let y = qkv[at + pairs];
  qkv[at] = x * cs.x - y * cs.y;
  qkv[at + pairs] = x * cs.y + y * cs.x;
}
