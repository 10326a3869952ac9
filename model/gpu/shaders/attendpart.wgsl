//#if SUBGROUPS
enable subgroups;
//#endif
// Attention of a single query: each workgroup takes PART keys of one head, so
// that a long text keeps the whole device busy; mergeparts puts the parts together.
@group(1) @binding(0) var<storage, read> near: array<vec4<f32>>;        // (heads, block, HEAD/4), row 0
@group(1) @binding(1) var<storage, read> far: array<vec4<f32>>;         // (heads, block, HEAD/4), row 0
@group(1) @binding(2) var<storage, read> keys: array<vec4<f32>>;        // (kv heads, capacity, HEAD/4)
@group(1) @binding(3) var<storage, read> values: array<vec4<f32>>;      // (kv heads, capacity, HEAD/4)
@group(1) @binding(4) var<storage, read_write> parts: array<vec4<f32>>; // (heads, parts, HEAD/4 + 1), last: top, mass

const D4: u32 = HEAD / 4u;
const THREADS: u32 = 64u;
const TEAMS: u32 = THREADS / D4;       // each sums the values of every TEAMS-th key
//#include reduce

var<workgroup> scores: array<f32, PART>;
var<workgroup> sums: array<vec4<f32>, TEAMS * D4>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = group.y;
  let lo = group.x * PART;
  let n = min(PART, params.start + 1u - lo);
  let query = head * params.block * D4;
  let cache = (head / (params.heads / params.kv_heads) * params.capacity + lo) * D4;
  var peak = FLOOR;
  for (var j = t; j < n; j += THREADS) {
    // Nothing reads the queries but this, so they come from the cache.
    let remote = params.start - (lo + j) >= encoding.shift;
    var score = 0.0;
    for (var c = 0u; c < D4; c++) { score += dot(select(near[query + c], far[query + c], remote), keys[cache + j * D4 + c]); }
    scores[j] = score;
    peak = max(peak, score);
  }
  let top = highest(t, peak);
  var part = 0.0;
  for (var j = t; j < n; j += THREADS) {
    let e = exp(scores[j] - top);
    scores[j] = e;
    part += e;
  }
  let mass = total(t, part);
  let c = t % D4;
  let team = t / D4;
  if (team < TEAMS) {
    var v = vec4<f32>();
    for (var j = team; j < n; j += TEAMS) { v += scores[j] * values[cache + j * D4 + c]; }
    sums[team * D4 + c] = v;
  }
  workgroupBarrier();
  let at = (head * params.parts + group.x) * (D4 + 1u);
  if (t < D4) {
    var v = sums[t];
    for (var i = 1u; i < TEAMS; i++) { v += sums[i * D4 + t]; }
    parts[at + t] = v;
  }
  if (t == 0u) { parts[at + D4] = vec4<f32>(top, mass, 0.0, 0.0); }
}
