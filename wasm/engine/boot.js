// Starts the first engine worker while the page's own program is still being
// compiled; that program takes it over from window.clexlabEngine, with what the
// worker has said until then.
"use strict";
(() => {
  // A function that makes a vector of 16 bytes: valid where WebAssembly has SIMD.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  try {
    const scalar = new URLSearchParams(location.search).get("backend") === "scalar" || !WebAssembly.validate(new Uint8Array(simd));
    const program = scalar ? "engine-scalar.wasm" : "engine.wasm";
    const worker = new Worker(new URL("engine.js", document.currentScript.src), { name: program });
    const heard = [];
    worker.onmessage = (event) => heard.push(event.data);
    worker.onerror = () => (window.clexlabEngine = undefined);
    window.clexlabEngine = { worker, program, heard };
  } catch {
    // The page starts its own and says what is wrong.
  }
})();
