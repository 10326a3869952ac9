// Starts the picture's program; whatever keeps it from starting is told to the page.
"use strict";
// Ebitengine draws on textures of its own and copies the last of them over, which no smoothing of the canvas's own edges changes:
// the context that it asks for would keep further buffers of the window's size for that.
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, wanted) {
  return getContext.call(this, kind, { ...wanted, antialias: false, depth: false });
};
(async () => {
  const go = new Go();
  try {
    let program = await parent.clexlabPicture?.catch(() => {}); // the page's script may have compiled it already
    if (!program) {
      const answer = await fetch("view.wasm");
      if (!answer.ok) throw new Error("view.wasm: HTTP " + answer.status);
      program = await WebAssembly.compileStreaming(answer);
    }
    await go.run(await WebAssembly.instantiate(program, go.importObject));
    throw new Error("the picture's program has ended");
  } catch (error) {
    const body = { id: 0, fatal: true, text: "The picture could not start: " + error.message };
    parent.postMessage({ mark: "clexlab-view", head: JSON.stringify({ v: 4, kind: "fault", body }), tables: [] }, location.origin);
  }
})();
