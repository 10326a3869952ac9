// The gradient of rotated queries, an invocation a query; leaves <dO, O> for the keys.
@group(1) @binding(0) var<storage, read> qkv: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read> skips: array<vec2<f32>>;
@group(1) @binding(2) var<storage, read> mixed: array<vec4<f32>>;
@group(1) @binding(3) var<storage, read> lse: array<f32>;
@group(1) @binding(4) var<storage, read> dmixed: array<vec4<f32>>;      // (rows, heads·HEAD/4)
@group(1) @binding(5) var<storage, read_write> along: array<f32>;       // (rows, heads)
@group(1) @binding(6) var<storage, read_write> dqkv: array<vec4<f32>>;

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
  let out = row * p.heads * V + head * V;
  var along4 = vec4<f32>();
//#each i VECTORS
  let q$i = qkv[q_at + $iu] * p.scale;
  let g$i = dmixed[out + $iu];
  along4 = fma(g$i, mixed[out + $iu], along4);
  var sum$i = vec4<f32>();
//#end
  let delta = along4.x + along4.y + along4.z + along4.w;
  let skip = skips[row];
  let before = u32(skip.x);
  let log_mass = lse[row * p.heads + head];
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
      var d4 = vec4<f32>();
//#each i VECTORS
      s4 = fma(q$i, ks[j * V + $iu], s4);
      d4 = fma(g$i, vs[j * V + $iu], d4);
//#end
      var s = s4.x + s4.y + s4.z + s4.w - log_mass;
      if (k + j < before) { s += skip.y; }
      let w = exp(s) * (d4.x + d4.y + d4.z + d4.w - delta) * p.scale;
//#each i VECTORS
      sum$i = fma(vec4<f32>(w), ks[j * V + $iu], sum$i);
//#end
    }
    workgroupBarrier();
  }
  if (i >= p.window) { return; }
//#each i VECTORS
  dqkv[q_at + $iu] = sum$i;
//#end
  along[row * p.heads + head] = delta;
}
