import { expect, test } from './fixtures.ts'

test('an Ingress: the routing table names the winner, every loser says why, and each leads to its YAML', async ({ workbench, page }) => {
  await workbench.open({ scene: 'ingress-data-path', motion: 'off', lang: 'en' })
  await workbench.send()
  const table = workbench.id('routing-table')
  await expect(table.locator('[data-won="true"]')).toHaveCount(1)
  for (const row of await table.getByRole('listitem').all()) {
    await expect(row).toContainText(/✓|✗/)
    await expect(row.getByRole('button', { name: /\.yaml:\d+/ })).toBeVisible()
  }
  await expect(workbench.id('http-message')).toContainText('200')
  await expect(page.getByTestId(/^ing\//).first()).toHaveAttribute('data-state', 'chosen')
})

test('an Ingress as a Gateway: shown, sent through both, appended with one click', async ({ workbench, page }) => {
  await workbench.open({ scene: 'ingress-data-path', motion: 'off', lang: 'en' })
  await workbench.send()
  await page.getByRole('tab', { name: 'Ingress → Gateway' }).click()
  await expect(workbench.id('convert-yaml')).toContainText('kind: HTTPRoute')
  await expect(workbench.id('convert-both')).toHaveAttribute('data-alike', 'true')
  await workbench.id('convert-append').click()
  await expect.poll(() => workbench.yaml()).toContain('kind: HTTPRoute')
  for (const name of ['nginx', 'traefik']) await expect(workbench.id(`gw/default/${name}`)).toBeVisible()
  await expect(workbench.id('convert-append')).toHaveCount(0)
})

test('a node reads out what its tools print', async ({ workbench }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en', mode: 'ipvs' })
  await workbench.send()
  for (const [view, text] of [
    ['conntrack', 'dport=80'],
    ['addresses', 'kube-ipvs0'],
    ['routes', 'default dev eth0'],
    ['sets', 'Name: KUBE-CLUSTER-IP'],
    ['ipvs', 'rr'],
  ] as const) {
    await workbench.id(`node-view/${view}`).click()
    await expect(workbench.id(`node-read/${view}`)).toContainText(text)
  }
})

test('the modes race over the same stations, and one line says what differs', async ({ workbench, page }) => {
  await workbench.open({ scene: 'three-modes', motion: 'off', lang: 'en' })
  await page.getByRole('tab', { name: 'Compare modes' }).click()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(workbench.id('compare-difference')).toContainText('rules visited')
  for (const mode of ['iptables', 'nftables', 'ipvs']) await expect(workbench.id(`compare-col-${mode}`)).toBeVisible()
  await page.getByRole('checkbox', { name: 'nftables' }).uncheck()
  await expect(workbench.id('compare-col-nftables')).toHaveCount(0)
})

test('an event of the control plane shows what it changed', async ({ workbench, page }) => {
  await workbench.open({ scene: 'httpbin', motion: 'off', lang: 'en' })
  await page.getByRole('tab', { name: 'Control plane' }).click()
  await page.getByRole('button', { name: 'updated' }).first().click()
  await expect(workbench.id('object-diff')).toContainText('added')
})
