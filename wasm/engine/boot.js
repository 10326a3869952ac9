// Starts the first engine worker and has it load the first model while the page's
// own program is still on its way or being compiled; that program takes it over from
// window.clexlabEngine, with the compiled program, what the worker was asked and has said until then. On a page without wishes the worker begins
// the first text as well, whose words are put into the document that the server drew, and the page's program is let on the
// line when the model has come. It also says what to do where no program can run: that document stays readable.
"use strict";
(() => {
  const here = document.currentScript.src;

  function ready(then) {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", then);
    else then();
  }

  function say(text) {
    ready(() => {
      const label = document.getElementById("app-wasm-loader-label");
      const icon = document.getElementById("app-wasm-loader-icon");
      if (icon) icon.className = "goapp-logo";
      if (!label || label.dataset.said) return;
      label.dataset.said = "true";
      label.parentElement.setAttribute("role", "alert");
      label.textContent = text;
    });
  }

  if (typeof WebAssembly !== "object") {
    say("This browser has no WebAssembly, in which everything here is computed. Switch it on in the browser's settings (a lockdown or strict security mode switches it off), or open the page in another browser.");
    return;
  }

  // The page's loader writes the bare error when its program cannot be had.
  ready(() => {
    const icon = document.getElementById("app-wasm-loader-icon");
    const label = document.getElementById("app-wasm-loader-label");
    if (!icon || !label) return;
    const watch = new MutationObserver(() => look());
    const look = () => {
      if (icon.className !== "goapp-logo" || label.dataset.said) return;
      watch.disconnect();
      const why = label.textContent;
      say((navigator.onLine ? "The page's program could not be loaded" : "You are offline, and the page's program has not been loaded on this device yet") +
        " (" + why + "). Check the connection and reload; after one whole visit the page works without a network.");
    };
    // The word comes after the icon has changed, and the icon may have changed before this ran.
    watch.observe(label, { childList: true, characterData: true, subtree: true });
    look();
  });

  // What the first words need comes first: the loader of the page's program waits for this, but not for ever, and not
  // where everything lies on the device. The list of models, for which that program asks as soon as it runs, comes with it.
  const plain = location.search === "";
  const list = () => fetch(new URL("models/index.json", here)).then((answer) => answer.arrayBuffer()).catch(() => {});
  let begin = () => {};
  if (plain && !navigator.serviceWorker?.controller) {
    window.clexlabFirst = new Promise((resolve) => {
      begin = resolve;
      setTimeout(resolve, 10000);
    });
    window.clexlabFirst.then(list);
  } else list();

  // The picture's program is next on the line behind the page's, and compiled while that one makes the page. The picture takes it
  // from window.clexlabPicture; the workers behind the first, who fetch other weights, wait for it, but not for ever.
  if (plain) {
    window.clexlabSecond = new Promise((resolve) => {
      Promise.resolve(window.clexlabFirst).then(() => setTimeout(resolve, 8000));
      new PerformanceObserver((seen, watch) => {
        if (!seen.getEntries().some((entry) => new URL(entry.name).pathname.endsWith("/app.wasm"))) return;
        watch.disconnect();
        window.clexlabPicture = WebAssembly.compileStreaming(fetch(new URL("view.wasm", here)));
        window.clexlabPicture.catch(() => {}).then(resolve); // the picture tries again and says what is wrong
      }).observe({ type: "resource", buffered: true });
    });
  }

  // On the first visit the service worker takes in what it keeps when the picture lives, the last of what is waited for: before, it
  // would take the line from it. Where there is no picture it begins by itself after half a minute.
  if (!navigator.serviceWorker?.controller) {
    const watching = setInterval(async () => {
      if (performance.now() > 30000) clearInterval(watching);
      if (!document.querySelector("iframe#view.live")) return;
      clearInterval(watching);
      const kept = await navigator.serviceWorker?.getRegistration();
      kept?.installing?.postMessage({ begin: true });
    }, 500);
  }

  // The words that are written before there is a program to show them. The text is scrolled seldom: each time the browser
  // lays it out, while the page's program wants to start.
  let scrolled = 0;
  let story; // the one that the server drew: what the page's program puts in its place is not ours
  ready(() => (story = document.getElementById("story-0")));
  function show(tokens) {
    const words = tokens.filter((token) => !token.p); // the document has the prompt
    if (!words.length) return;
    ready(() => {
      const end = story?.lastElementChild;
      if (!end || !story.isConnected || window.clexlabEngine !== early) return;
      const run = document.createElement("span");
      run.className = "tk";
      run.textContent = words.map((token) => token.s).join("");
      end.after(run);
      if (performance.now() - scrolled > 400) {
        scrolled = performance.now();
        story.scrollTop = 1e7;
      }
    });
  }

  // A function that makes a vector of 16 bytes: valid where WebAssembly has SIMD.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  let early;
  try {
    const scalar = new URLSearchParams(location.search).get("backend") === "scalar" || !WebAssembly.validate(new Uint8Array(simd));
    const program = scalar ? "engine-scalar.wasm" : "engine.wasm";
    // Compiled here, while the worker comes into being.
    const compiled = WebAssembly.compileStreaming(fetch(new URL(program, here)));
    const worker = new Worker(new URL("engine.js", here), { name: program });
    let sent = false; // before its program is there, a worker's loader listens
    compiled
      .finally(() => (sent = true))
      .then((done) => worker.postMessage({ program: done }), (error) => worker.postMessage({ failed: error.message }));
    early = window.clexlabEngine = { worker, program, compiled, heard: [] };
    let load, write;
    // A worker hears nothing before its program has said that it runs. Once the page
    // has taken it over, what it is asked is the page's affair.
    const ask = (loaded) => {
      if (window.clexlabEngine !== early || !early.heard.length) return;
      if (load && !early.load) worker.postMessage((early.load = load));
      if (loaded && plain && write && !early.write) worker.postMessage((early.write = write));
    };
    worker.onmessage = (event) => {
      early.heard.push(event.data);
      const said = JSON.parse(event.data.head);
      ask(said.ready);
      if (said.tokens) show(said.tokens.list);
      // On few cores both programs at once would wait for each other: there the first words are waited for, else the model's files.
      const loaded = said.loading?.done >= said.loading?.total && navigator.hardwareConcurrency > 3;
      if (said.error || loaded || said.ready && !early.write || said.tokens?.list.some((token) => !token.p)) begin();
    };
    worker.onerror = () => {
      window.clexlabEngine = undefined;
      begin();
    };
    const options = new URLSearchParams(location.search);
    if (options.has("model") || options.has("models")) return;
    fetch(new URL("models/first.json", here))
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((requests) => {
        [load, write] = requests;
        if (load && !sent) {
          // What the request for the model asks for travels while the program starts.
          const { config, weights, tokenizer } = JSON.parse(load).load;
          worker.postMessage({ fetch: [config, weights, tokenizer] });
        }
        if (!load) begin();
        ask();
      })
      .catch(begin); // the page asks for the model itself then
  } catch {
    begin(); // the page starts its own and says what is wrong
  }
})();
