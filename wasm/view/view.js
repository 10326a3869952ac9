// Starts the picture's program; whatever keeps it from starting is told to the page.
"use strict";
(async () => {
  const go = new Go();
  try {
    const answer = await fetch(document.body.dataset.wasm || "view.wasm");
    if (!answer.ok) throw new Error("view.wasm: HTTP " + answer.status);
    const { instance } = await WebAssembly.instantiateStreaming(answer, go.importObject);
    await go.run(instance);
    throw new Error("the picture's program has ended");
  } catch (error) {
    const body = { id: 0, fatal: true, text: "The picture could not start: " + error.message };
    parent.postMessage({ mark: "clexlab-view", head: JSON.stringify({ v: 4, kind: "fault", body }), tables: [] }, location.origin);
  }
})();
