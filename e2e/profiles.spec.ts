import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect, test, type Workbench } from './fixtures.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Opens the comparison of the scene's Ingress `nginx`, asked for /foo. */
async function openComparison(workbench: Workbench, knobs: Record<string, string> = {}): Promise<void> {
  await workbench.open({ scene: 'ingress-controllers-differ', motion: 'off', lang: 'en', ...knobs })
  await workbench.page.locator('[data-tab="profiles"]').click()
  await expect(workbench.id('profiles-verdict')).toBeVisible()
}

test('one Ingress under three controllers: the answers, the rules, and the difference by its name', async ({ workbench, page }) => {
  await openComparison(workbench)
  await expect(workbench.id('profiles-ingress')).toHaveValue('Ingress/default/nginx')
  await expect(workbench.id('profiles-host')).toHaveValue('nginx.example.com')
  await expect(workbench.id('profiles-verdict')).toHaveAttribute('data-same', 'false')
  const differences = workbench.id('profiles-differences')
  await expect(differences.locator('[data-code="rank"]')).toContainText('Traefik')
  const column = (profile: string) => workbench.id(`profiles-col/${profile}`)
  for (const profile of ['spec', 'ingress-nginx']) await expect(column(profile)).toContainText('Service exact')
  await expect(column('traefik')).toContainText('Service api')
  for (const profile of ['spec', 'ingress-nginx', 'traefik']) await expect(column(profile).locator('li[data-won="true"]')).toHaveCount(1)
  await expect(column('haproxy')).toHaveCount(0)

  // Another path by hand, and one more controller.
  await workbench.id('profiles-path').fill('/foobar')
  await expect(differences.locator('[data-code="text-prefix"]')).toContainText('Traefik')
  await workbench.id('profiles-choose/haproxy').check()
  await expect(column('haproxy')).toContainText('Service web')

  // What all do alike is said so.
  await workbench.id('profiles-path').fill('/foo/x')
  await expect(workbench.id('profiles-verdict')).toHaveAttribute('data-same', 'true')
  await page.getByRole('button', { name: 'From the request bar' }).click()
  await expect(workbench.id('profiles-path')).toHaveValue('/foo')
  // From then on it follows the request bar.
  await workbench.id('request-to').fill('http://traefik.example.com/bar')
  await expect(workbench.id('profiles-ingress')).toHaveValue('Ingress/default/traefik')
  await expect(workbench.id('profiles-path')).toHaveValue('/bar')
})

test('probes: rows that differ are named, a name leaves its rows alone, a row becomes the request', async ({ workbench, page }) => {
  await openComparison(workbench)
  await workbench.id('profiles-enlarge').click()
  const rows = workbench.id('profiles-probes').locator('tr[data-same]')
  const all = await rows.count()
  const different = workbench.id('profiles-probes').locator('tr[data-same="false"]')
  await expect(workbench.id('profiles-differing')).toHaveText(`${await different.count()} of ${all} differ`)
  await workbench.id('profiles-summary').locator('[data-code="slash-redirect"]').click()
  await expect(rows).not.toHaveCount(all)
  await rows.getByRole('button').filter({ hasText: 'slash left out' }).click()
  await expect(workbench.id('profiles-path')).toHaveValue('/bar')
  await expect(workbench.id('profiles-col/ingress-nginx')).toContainText('http://nginx.example.com/bar/')
  await expect(workbench.id('profiles-differences').locator('[data-code="slash-counts"]')).toContainText('Traefik')

  // Escape closes it and gives the focus back; a rule leads to its line.
  await page.keyboard.press('Escape')
  await expect(workbench.id('profiles-enlarge')).toBeFocused()
  await workbench
    .id('profiles-col/traefik')
    .getByRole('button', { name: /^line \d+$/ })
    .first()
    .click()
  await expect(page.locator('.monaco-editor').first()).toContainText('path: /')
})

test('an edit of the YAML changes the comparison: strict prefixes end the difference', async ({ workbench }) => {
  await openComparison(workbench, { clock: 'manual' })
  await workbench.id('profiles-path').fill('/foobar')
  await expect(workbench.id('profiles-differences').locator('[data-code="text-prefix"]')).toBeVisible()
  const flag = '          image: traefik:v3.7.9\n          args: ["--providers.kubernetesingress.strictprefixmatching=true"]'
  await workbench.page.evaluate(
    (text) => window.kubehop.setYaml(window.kubehop.yaml().replace('          image: traefik:v3.7.9', text)),
    flag,
  )
  await expect(workbench.id('profiles-verdict')).toHaveAttribute('data-same', 'true')
})

for (const [theme, lang] of [
  ['light', 'en'],
  ['dark', 'zh'],
  ['projector', 'en'],
] as const) {
  test(`axe finds nothing in the comparison (${theme}, ${lang})`, async ({ workbench, page }) => {
    await openComparison(workbench, { theme, lang })
    await page.evaluate(axe)
    const violations = () =>
      page.evaluate(async () => {
        const found = await (window as unknown as { axe: { run(context: object): Promise<AxeResults> } }).axe.run({
          include: [['[data-testid="profiles"]']],
        })
        return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      })
    expect(await violations()).toEqual([])
    await workbench.id('profiles-enlarge').click()
    await workbench.id('profiles-summary').getByRole('button').first().click()
    expect(await violations()).toEqual([])
  })
}
