// softmax(q·kᵀ)·v for a block of queries as a stream over tiles of keys, so that
// no matrix of scores ever exists. A workgroup holds QUERIES queries of one head;
// LANES invocations share a query. Under a remap near and far keys meet queries
// rotated differently; both belong to one softmax.
@group(1) @binding(0) var<storage, read> near: array<vec4<f32>>;        // (HEADS, block, HEAD/4)
//#if REMAP
@group(1) @binding(1) var<storage, read> far: array<vec4<f32>>;         // (HEADS, block, HEAD/4)
//#endif
@group(1) @binding(2) var<storage, read> keys: array<vec4<f32>>;        // (KV_HEADS, capacity, HEAD/4)
@group(1) @binding(3) var<storage, read> values: array<vec4<f32>>;      // (KV_HEADS, capacity, HEAD/4)
@group(1) @binding(4) var<storage, read_write> attended: array<vec4<f32>>; // (block, HEADS, HEAD/4)
@group(1) @binding(5) var<storage, read_write> lse: array<f32>;         // (HEADS, block) log-sum-exp of each query's scores

const D4: u32 = HEAD / 4u;
const SHARE: u32 = D4 / LANES;         // output vectors of one invocation

var<workgroup> qs: array<vec4<f32>, QUERIES * D4>;
//#if REMAP
var<workgroup> fs: array<vec4<f32>, QUERIES * D4>;
//#endif
var<workgroup> kv: array<vec4<f32>, KEYS * D4>;
var<workgroup> weights: array<f32, QUERIES * KEYS>;
var<workgroup> tops: array<f32, QUERIES * LANES>;
var<workgroup> masses: array<f32, QUERIES * LANES>;

@compute @workgroup_size(QUERIES * LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let first = group.x * QUERIES;
  let row = t / LANES;
  let lane = t % LANES;
  let query = first + row;
  let position = now.start + query;
  for (var i = t; i < QUERIES * D4; i += QUERIES * LANES) {
    let at = (head * now.block + min(first + i / D4, now.n - 1u)) * D4 + i % D4;
    qs[i] = near[at];
//#if REMAP
    fs[i] = far[at];
//#endif
  }
  let end = now.start + min(first + QUERIES, now.n);
  let cache = head / (HEADS / KV_HEADS) * now.capacity;
  var top = FLOOR;
  var mass = 0.0;
  var out: array<vec4<f32>, SHARE>;
  for (var lo = 0u; lo < end; lo += KEYS) {
    workgroupBarrier();
    for (var i = t; i < KEYS * D4; i += QUERIES * LANES) {
      kv[i] = keys[(cache + min(lo + i / D4, end - 1u)) * D4 + i % D4];
    }
    workgroupBarrier();
    var peak = FLOOR;
    for (var j = lane; j < KEYS; j += LANES) {
      let key = lo + j;
      var score = FLOOR;
      if (key <= position && key < end) {
        score = 0.0;
//#if REMAP
        if (position - key >= encoding.shift) {
          for (var c = 0u; c < D4; c++) { score += dot(fs[row * D4 + c], kv[j * D4 + c]); }
        } else {
          for (var c = 0u; c < D4; c++) { score += dot(qs[row * D4 + c], kv[j * D4 + c]); }
        }
//#else
        for (var c = 0u; c < D4; c++) { score += dot(qs[row * D4 + c], kv[j * D4 + c]); }
//#endif
        peak = max(peak, score);
      }
      weights[row * KEYS + j] = score;
    }
    tops[t] = peak;
    workgroupBarrier();
    var higher = top;
    for (var i = 0u; i < LANES; i++) { higher = max(higher, tops[row * LANES + i]); }
    let shrink = exp(max(top - higher, -88.0));
    top = higher;
    var part = 0.0;
    for (var j = lane; j < KEYS; j += LANES) {
      let score = weights[row * KEYS + j];
      var e = 0.0;
      if (score > FLOOR) { e = exp(score - top); }
      weights[row * KEYS + j] = e;
      part += e;
    }
    masses[t] = part;
    for (var i = t; i < KEYS * D4; i += QUERIES * LANES) {
      kv[i] = values[(cache + min(lo + i / D4, end - 1u)) * D4 + i % D4];
    }
    workgroupBarrier();
    mass *= shrink;
    for (var i = 0u; i < LANES; i++) { mass += masses[row * LANES + i]; }
    for (var c = 0u; c < SHARE; c++) {
      var v = out[c] * shrink;
      for (var j = 0u; j < KEYS; j++) { v += weights[row * KEYS + j] * kv[j * D4 + lane + c * LANES]; }
      out[c] = v;
    }
  }
  if (query >= now.n) { return; }
  for (var c = 0u; c < SHARE; c++) {
    attended[(query * HEADS + head) * D4 + lane + c * LANES] = out[c] / mass;
  }
  if (lane == 0u) { lse[head * now.block + query] = top + log(mass); }
}
