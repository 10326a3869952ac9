// The loader of an engine worker, behind Go's own glue in one file: it waits for the program that it is sent, and
// when that ends, for whatever reason, the page is told.
"use strict";
// Files asked for before the program runs, by their addresses, as answers of fetch that are on their way.
self.clexlabFetched = {};
const program = new Promise((sent, failed) => {
  self.onmessage = ({ data }) => {
    for (const address of data.fetch ?? []) {
      self.clexlabFetched[address] = fetch(address);
      self.clexlabFetched[address].catch(() => {}); // whoever takes it sees what is wrong
    }
    if (data.program) sent(data.program);
    if (data.failed) failed(new Error(data.failed));
  };
});

const go = new Go();

function dead(text) {
  postMessage({ head: JSON.stringify({ v: 6, id: 0, error: text, fatal: true }) });
}

program
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
