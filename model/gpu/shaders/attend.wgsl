// softmax(q·kᵀ)·v for a block of queries as a stream over tiles of keys, so that
// no matrix of scores ever exists. A workgroup holds QUERIES queries of one head;
// LANES invocations share a query. Under a remap near and far keys meet queries
// rotated differently; both belong to one softmax.
@group(1) @binding(0) var<storage, read> near: array<vec4<f32>>;        // (heads, block, HEAD/4)
//#if REMAP
@group(1) @binding(1) var<storage, read> far: array<vec4<f32>>;         // (heads, block, HEAD/4)
//#endif
@group(1) @binding(2) var<storage, read> keys: array<vec4<f32>>;        // (kv heads, capacity, HEAD/4)
@group(1) @binding(3) var<storage, read> values: array<vec4<f32>>;      // (kv heads, capacity, HEAD/4)
@group(1) @binding(4) var<storage, read_write> attended: array<vec4<f32>>; // (block, heads, HEAD/4)
@group(1) @binding(5) var<storage, read_write> lse: array<f32>;         // (heads, block) log-sum-exp of each query's scores

const D4: u32 = HEAD / 4u;
const PITCH: u32 = D4 + 1u;            // one more, so that rows start in different banks
const SHARE: u32 = D4 / LANES;         // output vectors of one invocation

//#if REMAP
var<workgroup> qs: array<vec4<f32>, 2u * QUERIES * PITCH>; // near, then far
//#else
var<workgroup> qs: array<vec4<f32>, QUERIES * PITCH>;
//#endif
var<workgroup> kv: array<vec4<f32>, KEYS * PITCH>;
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
  let position = params.start + query;
  for (var i = t; i < QUERIES * D4; i += QUERIES * LANES) {
    let at = (head * params.block + min(first + i / D4, params.n - 1u)) * D4 + i % D4;
    let to = i / D4 * PITCH + i % D4;
    qs[to] = near[at];
//#if REMAP
    qs[QUERIES * PITCH + to] = far[at];
//#endif
  }
  let end = params.start + min(first + QUERIES, params.n);
  let cache = head / (params.heads / params.kv_heads) * params.capacity;
  var top = FLOOR;
  var mass = 0.0;
  var out: array<vec4<f32>, SHARE>;
  for (var lo = 0u; lo < end; lo += KEYS) {
    workgroupBarrier();
    for (var i = t; i < min(KEYS, end - lo) * D4; i += QUERIES * LANES) { kv[i / D4 * PITCH + i % D4] = keys[(cache + lo) * D4 + i]; }
    workgroupBarrier();
    let count = min(KEYS, end - lo);
    var peak = FLOOR;
    for (var j = lane; j < count; j += LANES) {
      let key = lo + j;
      var score = FLOOR;
      if (key <= position) {
        var q = row * PITCH;
//#if REMAP
        if (position - key >= encoding.shift) { q += QUERIES * PITCH; }
//#endif
        score = 0.0;
        for (var c = 0u; c < D4; c++) { score += dot(qs[q + c], kv[j * PITCH + c]); }
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
    for (var j = lane; j < count; j += LANES) {
      let score = weights[row * KEYS + j];
      var e = 0.0;
      if (score > FLOOR) { e = exp(score - top); }
      weights[row * KEYS + j] = e;
      part += e;
    }
    masses[t] = part;
    for (var i = t; i < count * D4; i += QUERIES * LANES) { kv[i / D4 * PITCH + i % D4] = values[(cache + lo) * D4 + i]; }
    workgroupBarrier();
    mass *= shrink;
    for (var i = 0u; i < LANES; i++) { mass += masses[row * LANES + i]; }
    for (var c = 0u; c < SHARE; c++) {
      var v = out[c] * shrink;
      for (var j = 0u; j < count; j++) { v += weights[row * KEYS + j] * kv[j * PITCH + lane + c * LANES]; }
      out[c] = v;
    }
  }
  if (query >= params.n) { return; }
  for (var c = 0u; c < SHARE; c++) {
    attended[(query * params.heads + head) * D4 + lane + c * LANES] = out[c] / mass;
  }
  if (lane == 0u) { lse[head * params.block + query] = top + log(mass); }
}
