// Causal attention of 64 queries of one head and sequence, each invocation one, with an online softmax
// over tiles of keys. Keys before the last skip of a row's positions stand for those skipped as well: their
// scores are raised by extra. Keeps the log of the sum of exponentials.
@group(1) @binding(0) var<storage, read> qkv: array<vec4<f32>>;         // (rows, (heads + 2·kv heads)·HEAD/4), rotated
@group(1) @binding(1) var<storage, read> skips: array<vec2<f32>>;       // (rows): keys before the run, what is added to their scores
@group(1) @binding(2) var<storage, read_write> mixed: array<vec4<f32>>; // (rows, heads·HEAD/4)
@group(1) @binding(3) var<storage, read_write> lse: array<f32>;         // (rows, heads)

const V: u32 = HEAD / 4u;
var<workgroup> ks: array<vec4<f32>, KEYS * V>;
var<workgroup> vs: array<vec4<f32>, KEYS * V>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let stride = (p.heads + 2u * p.kv_heads) * V;
  let head = group.y;
  let kv = head / (p.heads / p.kv_heads);
  let first = group.z * p.window;
  let i = group.x * 64u + t;
  let row = first + min(i, p.window - 1u);
  let q_at = row * stride + head * V;
//#each i VECTORS
  let q$i = qkv[q_at + $iu] * p.scale;
  var sum$i = vec4<f32>();
//#end
  let skip = skips[row];
  let before = u32(skip.x);
  var peak = FLOOR;
  var mass = 0.0;
  let end = min(p.window, group.x * 64u + 64u);
  for (var k = 0u; k < end; k += KEYS) {
    for (var j = t; j < KEYS * V; j += 64u) {
      let key = k + j / V;
      if (key < p.window) {
        let at = (first + key) * stride + (p.heads + kv) * V + j % V;
        ks[j] = qkv[at];
        vs[j] = qkv[at + p.kv_heads * V];
      }
    }
    workgroupBarrier();
    let most = min(KEYS, max(i + 1u, k) - k);
    for (var j = 0u; j < most; j++) {
      var s4 = vec4<f32>();
//#each i VECTORS
      s4 = fma(q$i, ks[j * V + $iu], s4);
//#end
      var s = s4.x + s4.y + s4.z + s4.w;
      if (k + j < before) { s += skip.y; }
      if (s > peak) {
        let less = exp(peak - s);
        peak = s;
        mass *= less;
//#each i VECTORS
        sum$i *= less;
//#end
      }
      let w = exp(s - peak);
      mass += w;
//#each i VECTORS
      sum$i = fma(vec4<f32>(w), vs[j * V + $iu], sum$i);
//#end
    }
    workgroupBarrier();
  }
  if (i >= p.window) { return; }
  let out = row * p.heads * V + head * V;
//#each i VECTORS
  mixed[out + $iu] = sum$i / mass;
//#end
  lse[row * p.heads + head] = peak + log(mass);
}
