// Puts the heads of a block in their places: queries rotated and multiplied by
// the softmax scale, keys into the cache as they are and rotated, values.
@group(1) @binding(0) var<storage, read> qkv: array<f32>;               // (block, (HEADS + 2·KV_HEADS)·HEAD)
@group(1) @binding(1) var<storage, read_write> near: array<f32>;        // (HEADS, block, HEAD)
@group(1) @binding(2) var<storage, read_write> far: array<f32>;         // (HEADS, block, HEAD) of a remap's shifted part
@group(1) @binding(3) var<storage, read_write> plain: array<f32>;       // (KV_HEADS, capacity, HEAD) before rotation
@group(1) @binding(4) var<storage, read_write> keys: array<f32>;        // (KV_HEADS, capacity, HEAD)
@group(1) @binding(5) var<storage, read_write> values: array<f32>;      // (KV_HEADS, capacity, HEAD)

const STRIDE: u32 = (HEADS + 2u * KV_HEADS) * HEAD;

// Component c of the head at an offset of qkv, rotated to a position.
fn rotated(head: u32, c: u32, position: u32) -> f32 {
  let v = qkv[head + c];
  if (c >= 2u * PAIRS) { return v; }
  if (c < PAIRS) {
    let cs = cos_sin(angle(position, c));
    return (v * cs.x - qkv[head + c + PAIRS] * cs.y) * encoding.gain;
  }
  let cs = cos_sin(angle(position, c - PAIRS));
  return (v * cs.x + qkv[head + c - PAIRS] * cs.y) * encoding.gain;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= now.n * STRIDE) { return; }
  let row = id.x / STRIDE;
  let column = id.x % STRIDE;
  let head = column / HEAD;
  let c = column % HEAD;
  let lo = row * STRIDE + head * HEAD;
  let position = now.start + row;
  if (head < HEADS) {
    var factor = SOFTMAX_SCALE;
    if (encoding.log_n > 0.0) { factor *= max(1.0, log(f32(position + 1u)) * encoding.log_n); }
    let at = (head * now.block + row) * HEAD + c;
    near[at] = rotated(lo, c, position) * factor;
    // Keys keep their positions: a distance less shift, plus local, is that of a
    // query at another position.
    if (position >= encoding.shift) { far[at] = rotated(lo, c, position - encoding.shift + encoding.local) * factor; }
    return;
  }
  if (head < HEADS + KV_HEADS) {
    let at = ((head - HEADS) * now.capacity + position) * HEAD + c;
    plain[at] = qkv[lo + c];
    keys[at] = rotated(lo, c, position);
    return;
  }
  values[((head - HEADS - KV_HEADS) * now.capacity + position) * HEAD + c] = qkv[lo + c];
}
