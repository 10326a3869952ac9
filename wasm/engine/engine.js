// The loader of an engine worker: the program that the worker is named after, and
// Go's own glue. When the program ends, for whatever reason, the page is told.
"use strict";
// Compiled once, a program serves every worker, with all that the browser compiles of it later: the first one fetches it and hands
// it to the page, those after it have it sent (their address ends in #compiled).
const sent = location.hash === "#compiled" ? new Promise((done) => (self.onmessage = (event) => done(event.data.program))) : undefined;
// First, so that it travels while the glue does.
const fetched = sent ? undefined : fetch(self.name);
fetched?.catch(() => {}); // what is wrong with it is said below
importScripts("wasm_exec.js", "replay.js");

const go = new Go();

function dead(text) {
  postMessage({ head: JSON.stringify({ v: 6, id: 0, error: text, fatal: true }) });
}

const compiled = sent ?? WebAssembly.compileStreaming(fetched);
if (!sent) compiled.then((program) => postMessage({ program })).catch(() => {}); // the others fetch it then
compiled
  .then((program) => {
    self.clexlabProgram = program; // for the workers that this one starts
    return WebAssembly.instantiate(program, go.importObject);
  })
  .then((instance) => {
    // For the kernels that the program writes for itself over its own memory.
    self.clexlabMemory = instance.exports.mem;
    return go.run(instance);
  })
  .then(() => dead("The engine stopped by itself, most likely for want of memory."))
  .catch((error) => dead("The engine could not be started: " + error.message));
