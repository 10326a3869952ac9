// Rotates the cached keys before the block anew, from those that never were.
@group(1) @binding(0) var<storage, read> plain: array<f32>;             // (kv heads, capacity, HEAD)
@group(1) @binding(1) var<storage, read_write> keys: array<f32>;        // (kv heads, capacity, HEAD)

//#include rotary

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = id.z * MOST_GROUPS * 64u + id.x; // one axis may be too short for all
  if (at >= params.start * HEAD) { return; }
  let position = at / HEAD;
  let c = at % HEAD;
  let head = (id.y * params.capacity + position) * HEAD;
  var v = plain[head + c];
  if (c < encoding.pairs) {
    let cs = cos_sin(angle(position, encoding.turns[c]));
    v = (v * cs.x - plain[head + c + encoding.pairs] * cs.y) * encoding.attention_factor;
  } else if (c < 2u * encoding.pairs) {
    let cs = cos_sin(angle(position, encoding.turns[c - encoding.pairs]));
    v = (v * cs.x + plain[head + c - encoding.pairs] * cs.y) * encoding.attention_factor;
  }
  keys[head + c] = v;
}
