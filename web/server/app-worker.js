// Keeps the page for use without a network. Everything of one version is taken
// in together; an older version is dropped only when the new one is whole. What is
// not on its list, such as the weights of single methods, it keeps when it is used.
"use strict";
const cacheName = "clexlab-" + "{{.Version}}";
const resources = {{.ResourcesToCache}};

// On the first visit it waits until the page says that its picture lives, or has had the time: what is kept
// would come on the same line as the first words.
let begin;
const begun = new Promise((resolve) => (begin = resolve));
setTimeout(begin, self.registration.active ? 0 : 30000);

self.addEventListener("install", (event) => {
  event.waitUntil(
    begun
      .then(() => caches.open(cacheName))
      .then((cache) => cache.addAll(resources.map((url) => new Request(url, { cache: url.includes("/web/v-") ? "default" : "no-cache" }))))
      .then(() => self.skipWaiting())
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((keys) => Promise.all(keys.filter((key) => key.startsWith("clexlab-") && key !== cacheName).map((key) => caches.delete(key))))
  );
});

// On the first visit the page is not under this worker yet, and says itself what it uses.
self.addEventListener("message", (event) => {
  if (event.data && event.data.begin) begin();
  const used = event.data && event.data.keep;
  if (!Array.isArray(used)) return;
  const missing = async () => {
    const cache = await caches.open(cacheName);
    for (const url of used) {
      if (!(await cache.match(url))) await cache.add(url);
    }
  };
  event.waitUntil(missing().catch(() => {})); // without a network there is nothing to keep
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  event.respondWith(answer(event));
});

// The page's query is its state and not another file, so it is left out of the match. Who found what is
// kept here damaged asks for it with cache: "reload". Storage that is full or broken keeps nobody from the network.
async function answer(event) {
  const request = event.request;
  let cache;
  try {
    cache = await caches.open(cacheName);
    const known = request.cache !== "reload" && (await cache.match(request, { ignoreSearch: true }));
    if (known) return known;
  } catch {
    cache = undefined;
  }
  const fresh = await fetch(request);
  if (cache && fresh.ok && new URL(request.url).pathname.includes("/web/")) {
    event.waitUntil(cache.put(request, fresh.clone()).catch(() => {}));
  }
  return fresh;
}
