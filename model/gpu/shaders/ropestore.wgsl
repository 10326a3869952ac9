// Puts the heads of a block in their places: queries rotated and multiplied by
// the softmax scale, keys into the cache as they are and rotated, values. With HEADNORM each head
// of queries and keys goes through an RMSNorm of its own first; a workgroup then has one head.
@group(1) @binding(0) var<storage, read> qkv: array<f32>;               // (block, (heads + 2·kv heads)·HEAD)
@group(1) @binding(1) var<storage, read_write> near: array<f32>;        // (heads, block, HEAD)
@group(1) @binding(2) var<storage, read_write> far: array<f32>;         // (heads, block, HEAD) of a remap's shifted part
@group(1) @binding(3) var<storage, read_write> plain: array<f32>;       // (kv heads, capacity, HEAD) before rotation
@group(1) @binding(4) var<storage, read_write> keys: array<f32>;        // (kv heads, capacity, HEAD)
@group(1) @binding(5) var<storage, read_write> values: array<f32>;      // (kv heads, capacity, HEAD)
//#if HEADNORM
@group(1) @binding(6) var<storage, read> gain: array<f32>;              // (2, HEAD) of queries, of keys
@group(1) @binding(7) var<uniform> shape: Shape;

//#include shape

const THREADS: u32 = 64u;

var<workgroup> normed: array<f32, HEAD>;
var<workgroup> squares: array<f32, THREADS>;

// Component c of the head at an offset of qkv.
fn component(lo: u32, c: u32) -> f32 { return normed[c]; }
//#else
// Component c of the head at an offset of qkv.
fn component(lo: u32, c: u32) -> f32 { return qkv[lo + c]; }
//#endif

// The same rotated to a position.
fn rotated(lo: u32, c: u32, position: u32) -> f32 {
  let v = component(lo, c);
  if (c >= 2u * encoding.pairs) { return v; }
  if (c < encoding.pairs) {
    let cs = cos_sin(angle(position, encoding.turns[c]));
    return (v * cs.x - component(lo, c + encoding.pairs) * cs.y) * encoding.attention_factor;
  }
  let cs = cos_sin(angle(position, encoding.turns[c - encoding.pairs]));
  return (v * cs.x + component(lo, c - encoding.pairs) * cs.y) * encoding.attention_factor;
}

//#include rotary

// Component c of a head of the block's row to its place.
fn place(row: u32, head: u32, c: u32) {
  let lo = (row * (params.heads + 2u * params.kv_heads) + head) * HEAD;
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
    plain[at] = component(lo, c);
    keys[at] = rotated(lo, c, position);
    return;
  }
  values[((head - params.heads - params.kv_heads) * params.capacity + position) * HEAD + c] = component(lo, c);
}

//#if HEADNORM
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let lo = (group.x * (params.heads + 2u * params.kv_heads) + group.y) * HEAD;
  var square = 0.0;
  for (var c = t; c < HEAD; c += THREADS) {
    let v = qkv[lo + c];
    square += v * v;
  }
  squares[t] = square;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half) { squares[t] += squares[t + half]; }
    workgroupBarrier();
  }
  let factor = inverseSqrt(squares[0] / f32(HEAD) + shape.eps);
  for (var c = t; c < HEAD; c += THREADS) {
    var v = qkv[lo + c];
    if (group.y < params.heads) {
      v *= factor * gain[c];
    } else if (group.y < params.heads + params.kv_heads) {
      v *= factor * gain[HEAD + c];
    }
    normed[c] = v;
  }
  workgroupBarrier();
  for (var c = t; c < HEAD; c += THREADS) { place(group.x, group.y, c); }
}
//#else
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let stride = (params.heads + 2u * params.kv_heads) * HEAD;
  if (id.x >= params.n * stride) { return; }
  place(id.x / stride, id.x % stride / HEAD, id.x % HEAD);
}
//#endif
