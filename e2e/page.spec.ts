import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect, test } from './fixtures.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

for (const theme of ['light', 'dark', 'projector']) {
  for (const lang of ['en', 'zh']) {
    test(`axe finds nothing (${theme}, ${lang})`, async ({ workbench, page }) => {
      await workbench.open({ scene: 'httpbin', theme, lang, motion: 'off' })
      await workbench.editor()
      await workbench.send()
      await page.evaluate(axe)
      // Monaco draws its own lines; what it draws there is excused, by name.
      const results = await page.evaluate(() =>
        (window as unknown as { axe: { run(context: object): Promise<AxeResults> } }).axe.run({
          exclude: [['.monaco-editor .line-numbers'], ['.monaco-editor .view-lines'], ['.monaco-editor .minimap']],
        }),
      )
      expect(results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([])
    })
  }
}

test('the keys do what they promise, and nothing while a field has the focus', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await workbench.send()
  const last = await page.getByTestId(/^hop-\d+$/).count()
  await workbench.press('Home')
  expect(await workbench.index()).toBe(0)
  await workbench.press('End')
  expect(await workbench.index()).toBe(last)
  await workbench.press('Home', 'Shift+ArrowRight', 'Shift+ArrowRight')
  const hop = await workbench.index()
  expect(hop).toBeGreaterThan(1)
  await workbench.press('.')
  const rewrite = await workbench.index()
  await expect(workbench.id(`hop-${rewrite}`)).toContainText(/✎|became/)
  await workbench.press('PageUp')
  expect(await workbench.index()).toBe(rewrite - 1)
  await workbench.press('PageDown')
  expect(await workbench.index()).toBe(rewrite)
  await workbench.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await workbench.press('Escape')
  await workbench.id('request-to').focus()
  await workbench.press('Home', 'ArrowLeft')
  expect(await workbench.index()).toBe(rewrite)
})

test('Space plays, and playing ends at the verdict', async ({ workbench, page }) => {
  test.setTimeout(120_000)
  await workbench.open({ scene: 'httpbin', lang: 'en' })
  await workbench.send()
  await page.locator('body').click({ position: { x: 700, y: 5 } })
  await workbench.press('Home')
  for (let i = 0; i < 4; i++) await workbench.press('+')
  await workbench.press('Space')
  const last = await page.getByTestId(/^hop-\d+$/).count()
  await expect.poll(() => workbench.index(), { timeout: 90_000 }).toBe(last)
})

test('reduced motion is honoured', async ({ workbench, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await workbench.open({ scene: 'httpbin', lang: 'en' })
  await workbench.send()
  await workbench.press('Home', 'ArrowRight', 'ArrowRight')
  expect(await workbench.index()).toBe(2)
  expect(await page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === 'running').length)).toBe(0)
})

test('the stage is usable before the editor arrives', async ({ workbench, page, context }) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await context.route(/monaco|editor\.api|register\.all/, async (route) => {
    await held
    await route.continue()
  })
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await expect(page.locator('.monaco-editor')).toHaveCount(0)
  await workbench.send()
  expect((await workbench.trace()).requests[0]!.verdict.code).toBe('DELIVERED')
  release()
  await workbench.editor()
})

test('a share link carries the YAML in its fragment; a broken one says so and opens the default scene', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', clock: 'manual', motion: 'off', lang: 'en' })
  const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: shared}\nspec: {selector: {app: x}, ports: [{port: 80}]}\n'
  await page.evaluate((yaml) => window.kubehop.setYaml(yaml), text)
  await workbench.ready()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toContain('#v1=')
  await page.goto('about:blank')
  await page.goto(link)
  await workbench.ready()
  expect(await workbench.yaml()).toContain('name: shared')
  await page.goto('about:blank')
  await page.goto('./?lang=en#v1=broken!!')
  await workbench.ready()
  await expect(page.getByRole('status').or(page.getByRole('alert')).first()).toBeVisible()
  await expect(workbench.id('svc/default/httpbin')).toBeVisible()
})

test('modes change what is programmed; the verdict stays', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  for (const [mode, words] of [
    ['nftables', 'add table ip kube-proxy'],
    ['ipvs', '-A -t 10.96.'],
    ['iptables', '-A KUBE-SERVICES'],
  ] as const) {
    await workbench.id(`mode/${mode}`).click()
    await workbench.ready()
    await workbench.send()
    await workbench.ready()
    expect((await workbench.trace()).requests[0]!.verdict.code).toBe('DELIVERED')
    expect(await page.evaluate(([node, name]) => window.kubehop.rules(node!, name!), ['demo-worker', mode])).toContain(words)
  }
})

test('an edit of targetPort is refused by the Pod, with the reason, and a quick look at where it was decided', async ({
  workbench,
  page,
}) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await workbench.send()
  await workbench.replaceInEditor('targetPort: 80', 'targetPort: 8081')
  await expect(workbench.id('route-diff')).toContainText('REFUSED', { timeout: 20_000 })
  await expect(workbench.verdict).toHaveAttribute('data-code', 'REFUSED')
  expect(await page.getByTestId('route-diff').innerText()).toContain('DELIVERED')
})

test('a right click, or the menu key, sends from and to what stands on the stage, and breaks it', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await workbench.id('node/demo-worker2').locator('.node-tab').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Send from here' }).click()
  await expect(workbench.id('request-from')).toHaveValue('node/demo-worker2')
  await workbench.id('svc/default/httpbin').focus()
  await workbench.press('Shift+F10')
  await page.getByRole('menuitem', { name: /Send to here/ }).press('Enter')
  await expect(workbench.id('request-to')).toHaveValue('http://httpbin/')
  const pod = page.getByTestId(/^pod\/default\/httpbin-/).first()
  await pod.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Make it not ready' }).click()
  await expect(pod).toHaveAttribute('data-state', 'unready')
})
