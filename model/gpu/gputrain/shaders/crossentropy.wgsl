// Turns a row of logits into the gradient of its weighted loss and notes −ln p of its target, a workgroup
// a row. With SOFT another model's logits for the same token make up the share distil of the target.
@group(1) @binding(0) var<storage, read> targets: array<u32>;           // (all rows)
@group(1) @binding(1) var<storage, read> row_weights: array<f32>;       // (all rows), divided by their sum
@group(1) @binding(2) var<storage, read_write> logits: array<f32>;      // (rows, cols) of those from a on
@group(1) @binding(3) var<storage, read_write> nll: array<vec2<f32>>;   // (all rows): of the target, what the step's loss counts
//#if SOFT
@group(1) @binding(4) var<storage, read> teacher: array<f32>;           // (rows, cols)
//#endif

const THREADS: u32 = 128u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = p.a + group.x;
  let at = group.x * p.cols;
  let weight = row_weights[row];
  let wanted = targets[row];
  var high = FLOOR;
  for (var i = t; i < p.cols; i += THREADS) { high = max(high, logits[at + i]); }
  let peak = highest(t, high);
  var part = 0.0;
  for (var i = t; i < p.cols; i += THREADS) { part += exp(logits[at + i] - peak); }
  let log_mass = peak + log(total(t, part));
  let likely = logits[at + wanted];
  var meant = likely;
  var hard = weight;
//#if SOFT
  hard = weight * (1.0 - p.distil);
  var top = FLOOR;
  for (var i = t; i < p.cols; i += THREADS) { top = max(top, teacher[at + i]); }
  let teacher_peak = highest(t, top);
  var mass = 0.0;
  var along = 0.0;
  for (var i = t; i < p.cols; i += THREADS) {
    let q = exp(teacher[at + i] - teacher_peak);
    mass += q;
    along += q * logits[at + i];
  }
  let teacher_mass = total(t, mass);
  meant = (1.0 - p.distil) * likely + p.distil * total(t, along) / teacher_mass;
//#endif
  // Nobody writes before all have read the logit of the target.
  storageBarrier();
  workgroupBarrier();
  for (var i = t; i < p.cols; i += THREADS) {
    var g = weight * exp(logits[at + i] - log_mass);
    if (i == wanted) { g -= hard; }
//#if SOFT
    g -= weight * p.distil * exp(teacher[at + i] - teacher_peak) / teacher_mass;
//#endif
    logits[at + i] = g;
  }
  if (t == 0u) { nll[row] = select(vec2<f32>(), vec2<f32>(log_mass - likely, weight * (log_mass - meant)), weight > 0.0); }
}
