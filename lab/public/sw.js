/**
 * Keeps the page for use without a network, and adds the headers that threads need where the server does not send them. A newer page is
 * kept beside the one that is open, and takes its place when that is closed: its parts are loaded late, and must fit together.
 */
const FILES = "__FILES__"
/** Other pages of the same server have caches of their own. */
const OWN = `makewave-lab ${registration.scope} `
const CACHE = `${OWN}__VERSION__`
const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
}

addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE)
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })))
  }
  event.waitUntil(keep())
})

addEventListener("activate", (event) => {
  const clean = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE)
    await Promise.all(old.map((name) => caches.delete(name)))
    await clients.claim()
  }
  event.waitUntil(clean())
})

addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== "GET" || origin !== location.origin || pathname.includes("/api/")) return
  const answer = async () => {
    const cache = await caches.open(CACHE)
    const asked = mode === "navigate" ? registration.scope : event.request
    const found = (await cache.match(asked, { ignoreSearch: true })) ?? (await fetch(event.request))
    const { body, status, statusText } = found
    const all = new Headers(found.headers)
    for (const [name, value] of Object.entries(headers)) all.set(name, value)
    return new Response(body, { status, statusText, headers: all })
  }
  event.respondWith(answer())
})
