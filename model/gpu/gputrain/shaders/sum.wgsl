// The sum over a workgroup of THREADS invocations, the same for all of them.
var<workgroup> found: array<f32, THREADS>;

fn total(t: u32, v: f32) -> f32 {
  found[t] = v;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half) { found[t] += found[t + half]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&found[0]);
}

fn highest(t: u32, v: f32) -> f32 {
  found[t] = v;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half) { found[t] = max(found[t], found[t + half]); }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&found[0]);
}
