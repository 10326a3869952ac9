// Puts the heads of a block in their places: queries rotated and multiplied by
// the softmax scale, keys into the cache as they are and rotated, values.
@group(1) @binding(0) var<storage, read> qkv: array<f32>;               // (block, (heads + 2·kv heads)·HEAD)
@group(1) @binding(1) var<storage, read_write> near: array<f32>;        // (heads, block, HEAD)
@group(1) @binding(2) var<storage, read_write> far: array<f32>;         // (heads, block, HEAD) of a remap's shifted part
@group(1) @binding(3) var<storage, read_write> plain: array<f32>;       // (kv heads, capacity, HEAD) before rotation
@group(1) @binding(4) var<storage, read_write> keys: array<f32>;        // (kv heads, capacity, HEAD)
@group(1) @binding(5) var<storage, read_write> values: array<f32>;      // (kv heads, capacity, HEAD)

// Component c of the head at an offset of qkv, rotated to a position.
fn rotated(head: u32, c: u32, position: u32) -> f32 {
  let v = qkv[head + c];
  if (c >= 2u * encoding.pairs) { return v; }
  if (c < encoding.pairs) {
    let cs = cos_sin(angle(position, encoding.turns[c]));
    return (v * cs.x - qkv[head + c + encoding.pairs] * cs.y) * encoding.attention_factor;
  }
  let cs = cos_sin(angle(position, encoding.turns[c - encoding.pairs]));
  return (v * cs.x + qkv[head + c - encoding.pairs] * cs.y) * encoding.attention_factor;
}

//#include rotary

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let stride = (params.heads + 2u * params.kv_heads) * HEAD;
  if (id.x >= params.n * stride) { return; }
  let row = id.x / stride;
  let column = id.x % stride;
  let head = column / HEAD;
  let c = column % HEAD;
  let lo = row * stride + head * HEAD;
  let position = params.start + row;
  if (head < params.heads) {
    var factor = encoding.softmax_scale;
    if (encoding.log_n > 0.0) { factor *= max(1.0, log(f32(position + 1u)) * encoding.log_n); }
    let at = (head * params.block + row) * HEAD + c;
    near[at] = rotated(lo, c, position) * factor;
    // Keys keep their positions: a distance less shift, plus local, is that of a
    // query at another position.
    if (position >= encoding.shift) { far[at] = rotated(lo, c, position - encoding.shift + encoding.local) * factor; }
    return;
  }
  if (head < params.heads + params.kv_heads) {
    let at = ((head - params.heads) * params.capacity + position) * HEAD + c;
    plain[at] = qkv[lo + c];
    keys[at] = rotated(lo, c, position);
    return;
  }
  values[((head - params.heads - params.kv_heads) * params.capacity + position) * HEAD + c] = qkv[lo + c];
}
