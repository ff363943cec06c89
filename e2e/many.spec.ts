import { expect, test } from './fixtures.ts'

test.describe('ten thousand requests at once', () => {
  test('are counted beside the exact chances, and the page answers meanwhile', async ({ workbench, page }) => {
    await workbench.open({ motion: 'off' })
    await workbench.id('request-count').selectOption('10000')
    // The longest time between two frames while the requests are on their way.
    await page.evaluate(() => {
      const seen = { longest: 0 }
      Object.assign(window, { seen })
      let last = performance.now()
      const frame = (now: number) => {
        seen.longest = Math.max(seen.longest, now - last)
        last = now
        requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
    })
    await workbench.id('request-send').click()
    await expect(workbench.id('sending')).toBeVisible()
    await expect(workbench.id('request-send')).toBeDisabled()
    // A click in between is answered before the requests are done.
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await workbench.id('sending').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await expect(workbench.id('sending')).toBeHidden({ timeout: 50_000 })
    const longest = await page.evaluate(() => (window as unknown as { seen: { longest: number } }).seen.longest)
    expect(longest).toBeLessThan(1500)

    const bars = page.locator('.packet-bars li')
    await expect(page.getByRole('heading', { name: /10,?000/ })).toBeVisible()
    const texts = await bars.allInnerTexts()
    const counts = texts.map((text) => Number(/(\d+) · /.exec(text)?.[1]))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000)
    for (const text of texts) expect(text).toMatch(/\d+(\.\d+)? %[\s\S]*\d+(\.\d+)? %/)
  })

  test('can be stopped: what was sent counts', async ({ workbench, page }) => {
    await workbench.open({ motion: 'off' })
    await workbench.id('request-count').selectOption('10000')
    await workbench.id('request-send').click()
    await workbench.id('sending-stop').click()
    await expect(workbench.id('sending')).toBeHidden()
    await expect(workbench.verdict).toBeVisible()
    await expect(page.locator('.packet-bars li').first()).toBeVisible()
    const counts = (await page.locator('.packet-bars li').allInnerTexts()).map((text) => Number(/(\d+) · /.exec(text)?.[1]))
    const sum = counts.reduce((total, count) => total + count, 0)
    expect(sum).toBeGreaterThan(0)
    expect(sum).toBeLessThan(10_000)
  })
})
