/** Keeps the page for use without a network, and adds the headers that threads need where the server does not send them. */
const VERSION = "__VERSION__"
const FILES = "__FILES__"
const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
}

self.addEventListener("install", (event) => {
  const keep = async () => {
    await (await caches.open(VERSION)).addAll(FILES)
    await self.skipWaiting()
  }
  event.waitUntil(keep())
})

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const old = (await caches.keys()).filter((name) => name !== VERSION)
    await Promise.all(old.map((name) => caches.delete(name)))
    await self.clients.claim()
  }
  event.waitUntil(clean())
})

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== "GET" || origin !== location.origin || pathname.includes("/api/")) return
  const answer = async () => {
    const found = (await caches.match(event.request, { ignoreSearch: true })) ?? (await fetch(event.request))
    const { body, status, statusText } = found
    const all = new Headers(found.headers)
    for (const [name, value] of Object.entries(headers)) all.set(name, value)
    return new Response(body, { status, statusText, headers: all })
  }
  event.respondWith(answer())
})
