// Runs a WebAssembly test program under Node on a Vulkan device, with the same
// shaders as in a browser: go test -exec "node node.mjs WEBGPU WASM_EXEC REPLAY". WEBGPU is
// the folder of the npm package that provides navigator.gpu. Without a Vulkan device it
// says so and succeeds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [webgpu, glue, replay, program, ...args] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const { create, globals } = await import(pathToFileURL(webgpu + "/index.js"));
Object.assign(globalThis, globals);
// Dawn leaves 16-bit floats off on NVIDIA under Vulkan; here the known answers decide.
const gpu = create(["backend=vulkan", "enable-dawn-features=vulkan_enable_f16_on_nvidia"]);
globalThis.clexlabChecker = create(["backend=null"]); // takes any valid WGSL and computes nothing
const adapter = await gpu.requestAdapter();
if (!adapter) {
  console.log("no Vulkan device: left out");
  process.exit(0);
}
console.log(`${adapter.info.description || adapter.info.device}: ${[...adapter.features].filter((f) => /subgroups|f16/.test(f)).join(", ") || "plain WGSL"}`);
Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });

globalThis.require = require;
globalThis.fs = require("node:fs");
globalThis.path = require("node:path");
require(glue);
(0, eval)(readFileSync(replay, "utf8"));

// A program that can stop in good order says how; others end at once, as all do at the second time.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => (globalThis.clexlabInterrupt ? globalThis.clexlabInterrupt() : process.exit(130)));
}

const go = new globalThis.Go();
go.argv = [program, ...args];
go.env = Object.assign({ TMPDIR: require("node:os").tmpdir() }, process.env);
go.exit = process.exit;
const { instance } = await WebAssembly.instantiate(readFileSync(program), go.importObject);
globalThis.clexlabMemory = instance.exports.mem;
await go.run(instance);
