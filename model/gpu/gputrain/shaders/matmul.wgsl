// c ← a·b, a product of matrices in tiles of 128×64: 256 invocations with 8×4 outputs each. a is rows of
// what is summed over, (rows, inner), or with A_ACROSS (inner, rows); b is (cols, inner), as a linear layer's
// weights are, or with B_ACROSS (inner, cols). With RESIDUAL another matrix is added; with SPLIT each
// layer of workgroups sums only its share and writes it to a place of its own, to be added up by "gather".
@group(1) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(1) @binding(2) var<storage, read_write> c: array<vec4<f32>>;
//#if RESIDUAL
@group(1) @binding(3) var<storage, read> residual: array<vec4<f32>>;
//#endif

const TALL: u32 = 128u;
const WIDE: u32 = 64u;
const DEEP: u32 = 16u;

var<workgroup> as_: array<vec4<f32>, 512>; // (DEEP, TALL/4)
var<workgroup> bs: array<vec4<f32>, 256>;  // (DEEP, WIDE/4)

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = group.y * TALL;
  let col = group.x * WIDE;
  let tx = t % 16u;
  let ty = t / 16u;
  let inner4 = p.inner / 4u;
  let rows4 = p.rows / 4u;
  let cols4 = p.cols / 4u;
//#if SPLIT
  let first = group.z * p.share;
  let last = min(p.inner, first + p.share);
//#else
  let first = 0u;
  let last = p.inner;
//#endif
//#each i 8
  var sum$i = vec4<f32>();
//#end
  for (var k = first; k < last; k += DEEP) {
//#if A_ACROSS
    for (var i = t; i < DEEP * TALL / 4u; i += 256u) {
      let kk = k + i / (TALL / 4u);
      let r = row / 4u + i % (TALL / 4u);
      var v = vec4<f32>();
      if (kk < last && r < rows4) { v = a[p.a + kk * rows4 + r]; }
      as_[i] = v;
    }
//#else
    if (t < 128u) {
      // Four rows of four each are turned over on their way.
      let r = row + 4u * (t / 4u);
      let kk = k / 4u + t % 4u;
      var v0 = vec4<f32>();
      var v1 = vec4<f32>();
      var v2 = vec4<f32>();
      var v3 = vec4<f32>();
      if (4u * kk < last) {
        if (r < p.rows) { v0 = a[p.a + r * inner4 + kk]; }
        if (r + 1u < p.rows) { v1 = a[p.a + (r + 1u) * inner4 + kk]; }
        if (r + 2u < p.rows) { v2 = a[p.a + (r + 2u) * inner4 + kk]; }
        if (r + 3u < p.rows) { v3 = a[p.a + (r + 3u) * inner4 + kk]; }
      }
      let at = 4u * (t % 4u) * (TALL / 4u) + t / 4u;
      as_[at] = vec4<f32>(v0.x, v1.x, v2.x, v3.x);
      as_[at + TALL / 4u] = vec4<f32>(v0.y, v1.y, v2.y, v3.y);
      as_[at + 2u * TALL / 4u] = vec4<f32>(v0.z, v1.z, v2.z, v3.z);
      as_[at + 3u * TALL / 4u] = vec4<f32>(v0.w, v1.w, v2.w, v3.w);
    }
//#endif
//#if B_ACROSS
    {
      let kk = k + t / (WIDE / 4u);
      let n = col / 4u + t % (WIDE / 4u);
      var v = vec4<f32>();
      if (kk < last && n < cols4) { v = b[p.b + kk * cols4 + n]; }
      bs[t] = v;
    }
//#else
    if (t >= 192u) {
      let u = t - 192u;
      let n = col + 4u * (u / 4u);
      let kk = k / 4u + u % 4u;
      var v0 = vec4<f32>();
      var v1 = vec4<f32>();
      var v2 = vec4<f32>();
      var v3 = vec4<f32>();
      if (4u * kk < last && n < p.cols) {
        v0 = b[p.b + n * inner4 + kk];
        v1 = b[p.b + (n + 1u) * inner4 + kk];
        v2 = b[p.b + (n + 2u) * inner4 + kk];
        v3 = b[p.b + (n + 3u) * inner4 + kk];
      }
      let at = 4u * (u % 4u) * (WIDE / 4u) + u / 4u;
      bs[at] = vec4<f32>(v0.x, v1.x, v2.x, v3.x);
      bs[at + WIDE / 4u] = vec4<f32>(v0.y, v1.y, v2.y, v3.y);
      bs[at + 2u * WIDE / 4u] = vec4<f32>(v0.z, v1.z, v2.z, v3.z);
      bs[at + 3u * WIDE / 4u] = vec4<f32>(v0.w, v1.w, v2.w, v3.w);
    }
//#endif
    workgroupBarrier();
//#each k 16
    {
      let u = as_[$ku * (TALL / 4u) + 2u * ty];
      let v = as_[$ku * (TALL / 4u) + 2u * ty + 1u];
      let w = bs[$ku * (WIDE / 4u) + tx];
      sum0 = fma(vec4<f32>(u.x), w, sum0);
      sum1 = fma(vec4<f32>(u.y), w, sum1);
      sum2 = fma(vec4<f32>(u.z), w, sum2);
      sum3 = fma(vec4<f32>(u.w), w, sum3);
      sum4 = fma(vec4<f32>(v.x), w, sum4);
      sum5 = fma(vec4<f32>(v.y), w, sum5);
      sum6 = fma(vec4<f32>(v.z), w, sum6);
      sum7 = fma(vec4<f32>(v.w), w, sum7);
    }
//#end
    workgroupBarrier();
  }
  let n = col / 4u + tx;
  if (n >= cols4) { return; }
  let out = row + 8u * ty;
//#if SPLIT
  let place = p.c + group.z * p.rows * cols4;
//#else
  let place = p.c;
//#endif
//#each i 8
  if (out + $iu < p.rows) {
    let at = (out + $iu) * cols4 + n;
//#if RESIDUAL
    sum$i += residual[at];
//#endif
    c[place + at] = sum$i;
  }
//#end
}
