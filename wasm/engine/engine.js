// The loader of an engine worker: Go's own glue, then the program that the worker
// is named after. When the program ends, for whatever reason, the page is told.
"use strict";
importScripts("wasm_exec.js", "replay.js");

const program = self.name;
const go = new Go();

function dead(text) {
  postMessage({ head: JSON.stringify({ v: 1, id: 0, error: text, fatal: true }) });
}

WebAssembly.instantiateStreaming(fetch(program), go.importObject)
  .then((result) => go.run(result.instance))
  .then(() => dead("The engine stopped by itself, most likely for want of memory."))
  .catch((error) => dead("The engine could not be started: " + error.message));
