import { expect, test } from './fixtures.ts'

const transform = () => (document.querySelector('.react-flow__viewport') as HTMLElement).style.transform

/** Words that their box cuts off, numbers that cover something, boxes that words stand out of. */
function misplaced(): string[] {
  const canvas = document.querySelector('.stage-canvas') as HTMLElement
  const found: string[] = []
  const rectOf = (element: Element) => element.getBoundingClientRect()
  const hit = (a: DOMRect, b: DOMRect) => a.left + 1 < b.right && b.left + 1 < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom
  const walker = document.createTreeWalker(canvas, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement as HTMLElement
    if (!node.textContent?.trim() || element.closest('.visually-hidden, .react-flow__attribution, .stage-problem')) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const text = range.getBoundingClientRect()
    if (text.width === 0) continue
    const box = element.closest('.stage-box:not(.node-frame), .kernel, .node-tab, .leg-label, .relation-label')
    if (!box) continue
    const room = rectOf(box)
    if (text.right > room.right + 1 || text.top < room.top - 1 || text.bottom > room.bottom + 1)
      found.push(`"${node.textContent}" out of ${box.className}`)
  }
  const badges = [...canvas.querySelectorAll('.badge rect')]
  const boxes = [...canvas.querySelectorAll('.pod, .kernel, .node-tab, .leg-label')]
  badges.forEach((badge, i) => {
    for (const other of [...badges.slice(i + 1), ...boxes])
      if (hit(rectOf(badge), rectOf(other))) found.push(`${badge.parentElement?.textContent} on ${other.className}`)
  })
  return found
}

for (const [width, height, knobs] of [
  [1440, 900, { lang: 'en' }],
  [1280, 800, { lang: 'zh', theme: 'dark' }],
  [1024, 768, { lang: 'en', theme: 'projector' }],
] as const)
  test(`words stay in their boxes and numbers cover nothing at ${width} × ${height}`, async ({ workbench, page }) => {
    await page.setViewportSize({ width, height })
    for (const scene of ['ingress-controllers-differ', 'traefik-helm', 'zones']) {
      await workbench.open({ scene, motion: 'off', ...knobs })
      await expect(page.getByTestId(/^pod\//).first()).toBeVisible()
      expect(await page.evaluate(misplaced), `${scene}, before`).toEqual([])
      await workbench.send()
      await workbench.press('End')
      await expect(page.getByTestId('edge/1')).toBeAttached()
      expect(await page.evaluate(misplaced), `${scene}, after`).toEqual([])
    }
  })

test('a drag moves the picture from anywhere and picks nothing; Ctrl and the wheel zoom', async ({ workbench, page }) => {
  await workbench.open({ scene: 'ingress-controllers-differ', motion: 'off', lang: 'en' })
  const pod = workbench.id('pod/default/web')
  for (const target of [pod, workbench.id('kernel/demo-worker'), workbench.id('svc/default/api')]) {
    const { x, y, width, height } = (await target.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    const before = await page.evaluate(transform)
    await page.mouse.move(x + width / 2, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width / 2 + 15, y + height / 2 + 8)
    await page.mouse.move(x + width / 2 + 30, y + height / 2 + 16)
    await page.mouse.up()
    expect(await page.evaluate(transform)).not.toBe(before)
  }
  await expect(page.locator('.stage-box[aria-pressed="true"]')).toHaveCount(0)
  const zoomed = await page.evaluate(transform)
  await pod.hover()
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -120)
  await page.keyboard.up('Control')
  await expect.poll(() => page.evaluate(transform)).not.toBe(zoomed)
  await pod.click()
  await expect(pod).toHaveAttribute('aria-pressed', 'true')
})

test('a finger moves the picture, and a tap picks', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 1280, height: 800 }, ...(baseURL ? { baseURL } : {}) })
  const page = await context.newPage()
  await page.goto('./?scene=zones&motion=off&lang=en')
  const pod = page.getByTestId('pod/default/web-a')
  const { x, y } = (await pod.boundingBox()) ?? { x: 0, y: 0 }
  const before = await page.evaluate(transform)
  const finger = await context.newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', by = 0) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: x + 40 - by, y: y + 15 + by }] })
  await touch('touchStart')
  for (const by of [10, 20, 30, 40]) await touch('touchMove', by)
  await touch('touchEnd')
  await expect.poll(() => page.evaluate(transform)).not.toBe(before)
  await expect(pod).toHaveAttribute('aria-pressed', 'false')
  await pod.tap()
  await expect(pod).toHaveAttribute('aria-pressed', 'true')
  await context.close()
})

test('the menu of an object at the edge of the window keeps its width and stays inside', async ({ workbench, page }) => {
  await page.setViewportSize({ width: 900, height: 480 })
  await workbench.open({ scene: 'zones', motion: 'off', lang: 'zh', theme: 'dark' })
  const menu = page.getByRole('menu')
  const stage = await page.locator('.stage-canvas').boundingBox()
  const frame = await workbench.id('node/demo-worker').boundingBox()
  if (!stage || !frame) throw new Error('no stage')
  await page.mouse.click(Math.min(frame.x + frame.width, stage.x + stage.width) - 4, stage.y + stage.height - 6, { button: 'right' })
  await expect(menu).toBeVisible()
  const { x, y, width, height } = (await menu.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  expect(x + width).toBeLessThanOrEqual(900 - 7)
  expect(y + height).toBeLessThanOrEqual(480 - 7)
  expect(
    await menu.evaluate((host) => [...host.querySelectorAll('button')].filter((item) => item.scrollWidth > item.clientWidth).length),
  ).toBe(0)
})
