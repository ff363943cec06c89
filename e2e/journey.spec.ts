import { expect, test } from './fixtures.ts'

/** The whole newcomer's way, in both languages, with and without motion, on the built site under a sub-path. */
const ways = [
  { lang: 'en', motion: 'off' },
  { lang: 'zh', motion: 'off' },
  { lang: 'en', motion: 'on' },
] as const

for (const { lang, motion } of ways) {
  test(`load, send, step through every event, edit, see the path change (${lang}, motion ${motion})`, async ({ workbench, page }) => {
    await workbench.open({ scene: 'httpbin', lang, ...(motion === 'off' ? { motion } : {}) })
    await expect(page.locator('html')).toHaveAttribute('lang', lang === 'zh' ? /^zh/ : 'en')
    await expect(workbench.id('stage')).toBeVisible()
    for (const node of ['demo-control-plane', 'demo-worker', 'demo-worker2']) await expect(workbench.id(`node/${node}`)).toBeVisible()
    await expect(workbench.id('svc/default/httpbin')).toBeVisible()
    expect(await workbench.index()).toBe(0)

    await workbench.send()
    const { requests } = await workbench.trace()
    const request = requests[0]!
    expect(request.verdict).toMatchObject({ code: 'DELIVERED', http: 200 })
    const events = [...request.hops, ...(request.reply?.hops ?? [])].flatMap((hop) =>
      hop.steps.map((step) => ({ place: hop.place, ...step })),
    )
    await expect(workbench.path).toHaveCount(events.length)

    // Every event by the keyboard, and the outline follows.
    await workbench.press('Home')
    expect(await workbench.index()).toBe(0)
    for (let k = 1; k <= events.length; k++) {
      await workbench.press('ArrowRight')
      await expect(workbench.id(`hop-${k}`)).toHaveAttribute('aria-current', 'step')
    }
    expect(await workbench.index()).toBe(events.length)
    await expect(workbench.verdict).toHaveAttribute('data-code', 'DELIVERED')
    await workbench.press('ArrowLeft')
    expect(await workbench.index()).toBe(events.length - 1)

    // Addresses before and after DNAT, the chains, the chosen Pod, the reply's un-NAT.
    const service = (await page.evaluate(() => window.kubehop.objects('Service'))) as {
      metadata: { name: string }
      spec?: { clusterIP: string }
    }[]
    const vip = service.find(({ metadata }) => metadata.name === 'httpbin')?.spec?.clusterIP
    const dnat = events.find((event) => event.step === 'rewrite' && event.what === 'dnat')
    expect(dnat?.before).toMatchObject({ dst: vip, dport: 80 })
    expect(dnat?.after).toMatchObject({ dst: request.backend?.ip, dport: 80 })
    const chains = events.flatMap((event) => (event.step === 'rule' ? [event.chain] : []))
    expect(chains).toEqual(
      expect.arrayContaining([
        'KUBE-SERVICES',
        expect.stringMatching(/^KUBE-SVC-[A-Z2-7]{16}$/),
        expect.stringMatching(/^KUBE-SEP-[A-Z2-7]{16}$/),
      ]),
    )
    const back = events.find((event) => event.step === 'rewrite' && event.what === 'un-dnat')
    expect(back?.after).toMatchObject({ src: vip, sport: 80 })
    await workbench.press('End')
    await expect(workbench.id(`pod/default/${request.backend?.pod}`)).toHaveAttribute('data-state', 'chosen')

    // An edit in Monaco: the selector names nobody.
    await workbench.replaceInEditor('selector:\n    app: httpbin', 'selector:\n    app: httpbim')
    await expect(workbench.id('route-diff')).toContainText('REJECTED_NO_ENDPOINTS', { timeout: 20_000 })
    await expect.poll(async () => (await workbench.trace()).requests[0]?.verdict.code).toBe('REJECTED_NO_ENDPOINTS')
    await workbench.press('Escape')
  })
}
