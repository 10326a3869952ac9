// The gradient of rotated keys or, with VALUES, of values: an invocation a key, over the queries that see it,
// of every head that shares it.
@group(1) @binding(0) var<storage, read> qkv: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read> skips: array<vec2<f32>>;
@group(1) @binding(2) var<storage, read> lse: array<f32>;
@group(1) @binding(3) var<storage, read> dmixed: array<vec4<f32>>;      // (rows, heads·HEAD/4)
@group(1) @binding(4) var<storage, read> along: array<f32>;             // (rows, heads)
@group(1) @binding(5) var<storage, read_write> dqkv: array<vec4<f32>>;

const V: u32 = HEAD / 4u;
var<workgroup> qs: array<vec4<f32>, KEYS * V>;
var<workgroup> gs: array<vec4<f32>, KEYS * V>;
var<workgroup> about: array<vec4<f32>, KEYS>; // log of the mass, <dO, O>, keys before the run, what is added

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let stride = (p.heads + 2u * p.kv_heads) * V;
  let kv = group.y;
  let share = p.heads / p.kv_heads;
  let first = group.z * p.window;
  let key = group.x * 64u + t;
  let row = first + min(key, p.window - 1u);
  let k_at = row * stride + (p.heads + kv) * V;
  let v_at = k_at + p.kv_heads * V;
//#each i VECTORS
  let k$i = qkv[k_at + $iu] * p.scale;
//#if VALUES
//#else
  let v$i = qkv[v_at + $iu];
//#endif
  var sum$i = vec4<f32>();
//#end
  for (var head = kv * share; head < (kv + 1u) * share; head++) {
    for (var q = group.x * 64u; q < p.window; q += KEYS) {
      for (var j = t; j < KEYS * V; j += 64u) {
        let r = first + q + j / V;
        if (q + j / V < p.window) {
          qs[j] = qkv[r * stride + head * V + j % V];
          gs[j] = dmixed[r * p.heads * V + head * V + j % V];
        }
      }
      if (t < KEYS && q + t < p.window) {
        let r = first + q + t;
        about[t] = vec4<f32>(lse[r * p.heads + head], along[r * p.heads + head], skips[r]);
      }
      workgroupBarrier();
      for (var j = max(key, q) - q; j < min(KEYS, p.window - q); j++) {
        let seen = about[j];
        var s4 = vec4<f32>();
//#each i VECTORS
        s4 = fma(k$i, qs[j * V + $iu], s4);
//#end
        var s = s4.x + s4.y + s4.z + s4.w - seen.x;
        if (key < u32(seen.z)) { s += seen.w; }
//#if VALUES
        let w = exp(s);
//#each i VECTORS
        sum$i = fma(vec4<f32>(w), gs[j * V + $iu], sum$i);
//#end
//#else
        var d4 = vec4<f32>();
//#each i VECTORS
        d4 = fma(v$i, gs[j * V + $iu], d4);
//#end
        let w = exp(s) * (d4.x + d4.y + d4.z + d4.w - seen.y) * p.scale;
//#each i VECTORS
        sum$i = fma(vec4<f32>(w), qs[j * V + $iu], sum$i);
//#end
//#endif
      }
      workgroupBarrier();
    }
  }
  if (key >= p.window) { return; }
//#each i VECTORS
//#if VALUES
  dqkv[v_at + $iu] = sum$i;
//#else
  dqkv[k_at + $iu] = sum$i;
//#endif
//#end
}
