// Gives a Go program its own memory, as the page's loader of an engine does:
// node --require memory.js wasm_exec_node.js PROGRAM.
"use strict";
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...args) => {
  const result = await instantiate(...args);
  if (result.instance) globalThis.clexlabMemory = result.instance.exports.mem; // else it is a module of Node's own
  return result;
};
