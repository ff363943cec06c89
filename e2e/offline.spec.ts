import { expect, test } from './fixtures.ts'

test('once kept, the site opens and works without a network', async ({ workbench, page, context }) => {
  test.setTimeout(120_000)
  await workbench.open({ scene: 'httpbin', lang: 'zh', motion: 'off' })
  // The page leaves itself in peace for ten seconds before it keeps its files.
  const state = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state)
  await expect.poll(state, { timeout: 60_000 }).toBe('activated')
  // An intercepted request would go past the service worker.
  await context.unrouteAll()
  await context.setOffline(true)
  await page.reload()
  await workbench.ready()
  await workbench.editor()
  await workbench.send()
  expect((await workbench.trace()).requests[0]!.verdict.code).toBe('DELIVERED')
})
