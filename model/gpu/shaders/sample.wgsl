//#if SUBGROUPS
enable subgroups;
//#endif
// Draws the token that is read next from the logits before it, as package model's sampler
// does: temperature, top-k, top-p, min-p, then the likeliest first until a
// uniform number is reached. No sorting: the last token that a share of
// the mass reaches is found by halving, bit by bit, over the logits' order.
@group(1) @binding(0) var<storage, read> logits: array<f32>;            // (vocab)
@group(1) @binding(1) var<storage, read_write> tokens: array<u32>;      // (text)
@group(1) @binding(2) var<storage, read_write> drawn: array<u32>;       // (slots, 2 + 2·ALTERNATIVES) token, ln p; the likeliest: token, ln p

const THREADS: u32 = 256u;
//#include reduce
var<workgroup> best: array<vec2<u32>, THREADS>;

// Orders as the numbers do.
fn rank(v: f32) -> u32 {
  let b = bitcast<u32>(v);
  return select(b | 0x80000000u, ~b, b >> 31u == 1u);
}

fn better(a: vec2<u32>, b: vec2<u32>) -> bool { return a.x > b.x || (a.x == b.x && a.y < b.y); }

// The best of what the invocations have.
//#if SUBGROUPS
fn best_of(t: u32, mine: vec2<u32>) -> vec2<u32> {
  let size = size_of_subgroup();
  let top = subgroupMax(mine.x);
  let low = subgroupMin(select(0xffffffffu, mine.y, mine.x == top));
  if (t % size == 0u) { best[t / size] = vec2<u32>(top, low); }
  workgroupBarrier();
  if (t == 0u) {
    var r = best[0];
    for (var i = 1u; i < THREADS / size; i++) {
      if (better(best[i], r)) { r = best[i]; }
    }
    best[0] = r;
  }
  return workgroupUniformLoad(&best[0]);
}
//#else
fn best_of(t: u32, mine: vec2<u32>) -> vec2<u32> {
  best[t] = mine;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half && better(best[t + half], best[t])) { best[t] = best[t + half]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&best[0]);
}
//#endif

// The likeliest token that comes after one in the order of rank, then of number.
fn likeliest(t: u32, after: vec2<u32>) -> vec2<u32> {
  var mine = vec2<u32>(0u, params.vocab);
  for (var i = t; i < params.vocab; i += THREADS) {
    let c = vec2<u32>(rank(logits[i]), i);
    if (better(c, mine) && better(after, c)) { mine = c; }
  }
  let r = best_of(t, mine);
  return vec2<u32>(r.x, min(r.y, params.vocab - 1u));
}

fn weight(v: f32, peak: f32) -> f32 { return exp((v - peak) / params.temperature); }

// The mass of the tokens of rank low or more, each weighing 1 if counted.
fn mass(t: u32, low: u32, peak: f32, counted: bool) -> f32 {
  var part = 0.0;
  for (var i = t; i < params.vocab; i += THREADS) {
    if (rank(logits[i]) >= low) { part += select(weight(logits[i], peak), 1.0, counted); }
  }
  return total(t, part);
}

// The highest rank at which the mass from the top reaches a share; no rank below floor counts.
fn reach(t: u32, share: f32, floor: u32, peak: f32, counted: bool) -> u32 {
  var r = 0u;
  // A compiler that knew the number of rounds would write out all of them.
  for (var bit = select(0u, 0x80000000u, params.vocab > 0u); bit > 0u; bit = bit >> 1u) {
    if (mass(t, max(r | bit, floor), peak, counted) >= share) { r = r | bit; }
  }
  return max(r, floor);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) t: u32) {
  let first = likeliest(t, vec2<u32>(0xffffffffu, 0u));
  let peak = logits[first.y];
  var part = 0.0;
  for (var i = t; i < params.vocab; i += THREADS) { part += exp(logits[i] - peak); }
  let norm = peak + log(total(t, part));

  var token = first.y;
  if (params.temperature > 0.0) {
    var floor = 0u;
    if (params.top_k > 0u && params.top_k < params.vocab) { floor = reach(t, f32(params.top_k), 0u, peak, true); }
    if (params.top_p < 1.0) { floor = reach(t, params.top_p * mass(t, floor, peak, false), floor, peak, false); }
    if (params.min_p > 0.0) {
      // Weights fall with the rank, so the filter is a floor as well.
      floor = max(floor, rank(peak + params.temperature * log(params.min_p)));
      floor = min(floor, first.x);
    }
    let goal = max(params.draw * mass(t, floor, peak, false), 1.0e-37);
    if (params.top_k > 0u || params.top_p < 1.0) {
      let r = reach(t, goal, floor, peak, false);
      var mine = params.vocab;
      for (var i = t; i < params.vocab; i += THREADS) {
        if (rank(logits[i]) == r) { mine = min(mine, i); }
      }
      let lowest = best_of(t, vec2<u32>(0u, mine)).y;
      if (lowest < params.vocab) { token = lowest; }
    } else {
      // Without sorting filters the order is that of the vocabulary.
      var low = 0u;
      var high = params.vocab - 1u;
      while (low < high) {
        let middle = (low + high) / 2u;
        var below = 0.0;
        for (var i = t; i <= middle; i += THREADS) {
          if (rank(logits[i]) >= floor) { below += weight(logits[i], peak); }
        }
        if (total(t, below) > goal) { high = middle; } else { low = middle + 1u; }
      }
      token = low;
    }
  }
  let note = params.slot * (2u + 2u * ALTERNATIVES);
  if (t == 0u) {
    tokens[params.start] = token;
    drawn[note] = token;
    drawn[note + 1u] = bitcast<u32>(logits[token] - norm);
  }
  var last = vec2<u32>(0xffffffffu, 0u);
  for (var i = 0u; i < ALTERNATIVES; i++) {
    last = likeliest(t, last);
    if (t == 0u) {
      drawn[note + 2u + 2u * i] = last.y;
      drawn[note + 3u + 2u * i] = bitcast<u32>(logits[last.y] - norm);
    }
  }
}
