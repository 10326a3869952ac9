// What every kernel of training is told, one setting a dispatch.
struct Params {
  rows: u32,        // of the output, or of what is walked over
  cols: u32,        // of the output
  inner: u32,       // what a product sums over
  a: u32,           // where the first operand begins, in vectors of four
  b: u32,           // the second
  c: u32,           // the result
  share: u32,       // how much of the sum one workgroup takes, in multiples of a tile's depth
  window: u32,      // tokens in a sequence
  heads: u32,       // of queries
  kv_heads: u32,    // of keys and values
  shard_rows: u32,  // rows that share an encoding
  step: u32,
  eps: f32,         // of the norm, or of AdamW
  rate: f32,
  decay: f32,       // of weights
  clip: f32,
  beta1: f32,
  beta2: f32,
  correct1: f32,    // 1/(1-β₁^step)
  correct2: f32,    // 1/√(1-β₂^step)
  mean: f32,        // how far the running mean moves to the weights
  scale: f32,       // 1/√head size
  distil: f32,      // share of soft targets
  begins: u32,      // 1 where the running mean begins with the weights
}

@group(0) @binding(0) var<uniform> p: Params;

const FLOOR: f32 = -3.0e38;
