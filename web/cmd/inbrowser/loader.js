"use strict";
// Runs program.wasm and keeps what it writes until said() is asked.
let text = "";
let code = null;
const decoder = new TextDecoder();

function said() {
  const out = { Text: text, Code: code };
  text = "";
  return out;
}

globalThis.fs.writeSync = (_, bytes) => {
  text += decoder.decode(bytes, { stream: true });
  return bytes.length;
};

const go = new Go();
go.argv = settings.argv;
go.exit = (c) => (code = c);
WebAssembly.instantiateStreaming(fetch("program.wasm"), go.importObject)
  .then((result) => {
    globalThis.clexlabMemory = result.instance.exports.mem;
    return go.run(result.instance);
  })
  .catch((error) => {
    text += error.stack + "\n";
    code = 2;
  });
