// Keeps the page for use without a network. Everything of one version is taken
// in together; an older version is dropped only when the new one is whole.
"use strict";
const cacheName = "clexlab-" + "{{.Version}}";
const resources = {{.ResourcesToCache}};

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
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

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  event.respondWith(answer(event.request));
});

// The page's query is its state and not another file, so it is left out of the match.
async function answer(request) {
  const cache = await caches.open(cacheName);
  const known = await cache.match(request, { ignoreSearch: true });
  if (known) return known;
  const fresh = await fetch(request);
  if (fresh.ok && new URL(request.url).pathname.includes("/web/")) {
    await cache.put(request, fresh.clone());
  }
  return fresh;
}
