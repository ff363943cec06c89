import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** The text of the line that the editor's caret is on. */
async function caretLine(page: Page): Promise<string> {
  const line = Number(await page.locator('.monaco-editor .active-line-number').first().innerText())
  return page.evaluate((n) => window.kubehop.yaml().split('\n')[n - 1] ?? '', line)
}

for (const mode of ['iptables', 'nftables', 'ipvs'] as const) {
  test(`${mode}: every rule that somebody wrote leads to its YAML, by mouse and by keyboard`, async ({ workbench, page }) => {
    await workbench.open({ mode, motion: 'off' })
    await workbench.editor()
    await workbench.send()
    const translation = {
      iptables: /-j DNAT --to-destination/,
      nftables: /dnat ip addr . port to/,
      ipvs: /-a -t 10\.96\.\d+\.\d+:80 -r/,
    }[mode]
    await page.locator('[data-tab="rules"]').click()
    const row = workbench
      .id('rules-row')
      .filter({ hasText: translation })
      .filter({ has: page.locator('.rules-also') })
      .first()
    await row.scrollIntoViewIfNeeded()
    await row.locator('.rules-go').click()
    await expect.poll(() => caretLine(page)).not.toBe('')
    // The Service's targetPort is a place of its own.
    const port = row.locator('.rules-also').filter({ hasText: 'targetPort' })
    await row.hover()
    await port.click()
    await expect.poll(() => caretLine(page)).toContain('targetPort')
    // And back: the lines that come from the place of the caret are marked.
    await expect(page.locator('[data-testid="rules-row"][data-written]').first()).toBeVisible()

    const before = await caretLine(page)
    await row.locator('.rules-go').focus()
    await page.keyboard.press('ArrowDown')
    await expect(row.locator('.rules-go')).not.toBeFocused()
    await page.keyboard.press('Enter')
    await expect.poll(() => caretLine(page)).not.toBe(before)
  })
}

test('what a node prints leads to the YAML behind its addresses', async ({ workbench, page }) => {
  await workbench.open({ motion: 'off', mode: 'ipvs' })
  await workbench.editor()
  await workbench.send()
  await page.locator('[data-tab="rules"]').click()
  for (const view of ['conntrack', 'addresses', 'routes', 'ipvs', 'sets']) {
    await workbench.id(`node-view/${view}`).click()
    await expect(workbench.id(`node-read/${view}`).locator('.rules-go').first()).toBeVisible()
  }
  await workbench.id('node-view/conntrack').click()
  await workbench.id('node-read/conntrack').locator('.rules-go').first().click()
  await expect.poll(() => caretLine(page)).not.toBe('')
})

test('the chooser of nodes says whom it follows in full', async ({ workbench, page }) => {
  await workbench.open({ motion: 'off' })
  await page.locator('[data-tab="rules"]').click()
  const cut = await workbench.id('rules-node').evaluate((element: HTMLSelectElement) => {
    const probe = document.createElement('span')
    probe.style.cssText = `font:${getComputedStyle(element).font};position:absolute;white-space:pre`
    probe.textContent = element.selectedOptions[0]?.textContent ?? ''
    document.body.append(probe)
    const needed = probe.getBoundingClientRect().width
    probe.remove()
    return needed > element.clientWidth
  })
  expect(cut).toBe(false)
})
