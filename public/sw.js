// Keeps the site for when there is no network: every file of the build, by the list that the build wrote. Files have their content's
// hash in their names, so a kept one is never stale; the page itself is asked for first and kept for when nobody answers.
const list = fetch('./precache.json', { cache: 'no-store' }).then((answer) => answer.json())

self.addEventListener('install', (event) => {
  event.waitUntil(
    list.then(async ({ version, files }) => {
      const cache = await caches.open(version)
      await cache.addAll(files)
      await self.skipWaiting()
    }),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    list
      .then(async ({ version }) => {
        for (const name of await caches.keys()) if (name !== version && name.startsWith('kubehop-')) await caches.delete(name)
      })
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || new URL(event.request.url).origin !== self.location.origin) return
  const kept = () => caches.match(event.request, { ignoreSearch: true, ignoreVary: true })
  if (event.request.mode === 'navigate') event.respondWith(fetch(event.request).catch(async () => (await caches.match('./', { ignoreVary: true })) ?? (await caches.match('./index.html', { ignoreVary: true })) ?? Response.error()))
  else event.respondWith(kept().then((answer) => answer ?? fetch(event.request)))
})
