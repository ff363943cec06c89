/** How long the page is left in peace before its files are fetched for a time without a network. */
const REST_MS = 10_000

/** Has the built site kept by the browser, so that it opens without a network. Where that cannot be, nothing happens. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !window.isSecureContext) return
  setTimeout(() => {
    navigator.serviceWorker.register('./sw.js').catch(() => {
      // A browser that refuses (private windows, policies) shows the site all the same.
    })
  }, REST_MS)
}
