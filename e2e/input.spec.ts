import { expect, test } from './fixtures.ts'

/** What people paste by mistake: one clear message each, and the page stays usable. */
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
].join('\n')
const mistakes: readonly (readonly [name: string, text: string])[] = [
  ['an alias bomb', bomb],
  ['nesting of 100,000', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['40 MB', `a: ${'x'.repeat(40 * 1024 * 1024)}`],
  ['tabs', 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: web\n'],
  ['duplicate keys', 'apiVersion: v1\nkind: Service\nmetadata: {name: web, name: other}\nspec: {ports: [{port: 80}]}\n'],
  [
    '__proto__ keys',
    'apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {__proto__: {polluted: "yes"}}}\nspec: {ports: [{port: 80}]}\n__proto__: {polluted: true}\n',
  ],
  ['binary junk', Array.from({ length: 4000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join('')],
]

for (const [name, text] of mistakes) {
  test(`${name}: a message, and the page goes on`, async ({ workbench, page }) => {
    test.setTimeout(120_000)
    await workbench.open({ scene: 'httpbin', clock: 'manual', motion: 'off', lang: 'en' })
    const good = await workbench.yaml()
    await page.evaluate((yaml) => window.kubehop.setYaml(yaml), text)
    await workbench.ready()
    const diagnostics = await page.evaluate(() => window.kubehop.diagnostics())
    expect(diagnostics.length).toBeGreaterThan(0)
    expect(diagnostics.length).toBeLessThan(20)
    for (const { message } of diagnostics) expect(message.length).toBeGreaterThan(10)
    await expect(workbench.id(`problem/${diagnostics[0]!.code}`).first()).toBeVisible()
    // The stage still stands, nothing was polluted, and good YAML works again.
    await expect(workbench.id('stage')).toBeVisible()
    expect(await page.evaluate(() => ({}) as Record<string, unknown>)).toEqual({})
    expect(await page.evaluate(() => 'polluted' in Object.prototype)).toBe(false)
    await page.evaluate((yaml) => window.kubehop.setYaml(yaml), good)
    await workbench.ready()
    await page.evaluate(() => window.kubehop.send())
    expect((await workbench.trace()).requests[0]!.verdict.code).toBe('DELIVERED')
  })
}

test('an empty file is an empty cluster, not an error', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', clock: 'manual', motion: 'off', lang: 'en' })
  await page.evaluate(() => window.kubehop.setYaml(''))
  await workbench.ready()
  expect((await page.evaluate(() => window.kubehop.diagnostics())).filter((one) => one.severity === 'error')).toEqual([])
  await expect(workbench.id('node/demo-worker')).toBeVisible()
})

test('1,000 documents and 5 MB of good YAML load', async ({ workbench, page }) => {
  test.setTimeout(180_000)
  const padding = 'x'.repeat(4800)
  const many = Array.from(
    { length: 1000 },
    (_, i) =>
      `apiVersion: v1\nkind: Service\nmetadata:\n  name: s${i}\n  annotations: {note: "${padding}"}\nspec:\n  selector: {app: s${i}}\n  ports: [{port: 80}]\n`,
  ).join('---\n')
  expect(many.length).toBeGreaterThan(4_900_000)
  await workbench.open({ scene: 'httpbin', clock: 'manual', motion: 'off', lang: 'en' })
  await page.evaluate((yaml) => window.kubehop.setYaml(yaml), many)
  await workbench.ready()
  expect((await page.evaluate(() => window.kubehop.objects('Service'))).length).toBeGreaterThanOrEqual(1000)
})

test('what is typed survives a reload, and broken YAML keeps the last good world', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await workbench.replaceInEditor('replicas: 3', 'replicas: [')
  await expect
    .poll(async () => (await page.evaluate(() => window.kubehop.diagnostics())).some((one) => one.severity === 'error'))
    .toBe(true)
  await expect(workbench.id('svc/default/httpbin')).toBeVisible()
  await expect(
    page
      .getByRole('status')
      .or(page.getByRole('alert'))
      .filter({ hasText: /last valid|last good/i })
      .first(),
  ).toBeVisible()
  const typed = await workbench.yaml()
  expect(typed).toContain('replicas: [')
  await page.goto('./?lang=zh&theme=dark')
  await workbench.ready()
  expect(await workbench.yaml()).toBe(typed)
})
