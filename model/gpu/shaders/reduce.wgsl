// Reductions over a workgroup of THREADS invocations: all call, all get the answer,
// and a compiler knows that it is the same for all. With subgroups each of them, whatever its
// size, reduces by itself, and one invocation what they found; without, by halving.
var<workgroup> found: array<f32, THREADS>;

//#if SUBGROUPS
// The size of a subgroup, also of one that a workgroup does not fill.
fn size_of_subgroup() -> u32 { return subgroupAdd(1u); }

fn total(t: u32, v: f32) -> f32 {
  let size = size_of_subgroup();
  let mine = subgroupAdd(v);
  if (t % size == 0u) { found[t / size] = mine; }
  workgroupBarrier();
  if (t == 0u) {
    var sum = found[0];
    for (var i = 1u; i < THREADS / size; i++) { sum += found[i]; }
    found[0] = sum;
  }
  return workgroupUniformLoad(&found[0]);
}

fn highest(t: u32, v: f32) -> f32 {
  let size = size_of_subgroup();
  let mine = subgroupMax(v);
  if (t % size == 0u) { found[t / size] = mine; }
  workgroupBarrier();
  if (t == 0u) {
    var top = found[0];
    for (var i = 1u; i < THREADS / size; i++) { top = max(top, found[i]); }
    found[0] = top;
  }
  return workgroupUniformLoad(&found[0]);
}
//#else
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
//#endif
