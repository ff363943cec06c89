import { test as base, expect, type Locator, type Page } from '@playwright/test'

/** What the page promises to scripts (README, "In the browser"). */
export type Kubehop = {
  readonly ready: Promise<void>
  readonly version: string
  diagnostics(): { code: string; severity: string; message: string; line?: number }[]
  trace(): Trace | undefined
  index(): number
  seek(k: number): void
  step(n: number): void
  send(): Promise<void> | undefined
  setYaml(text: string): void
  yaml(): string
  rules(node: string, mode: string): string | Promise<string>
  objects(kind: string): { kind: string; metadata: { name: string; namespace?: string } }[]
}
type Step = { step: string; packet?: Packet; before?: Packet; after?: Packet; what?: string; chain?: string }
type Packet = { src: string; dst: string; sport: number; dport: number }
type Hops = { place: { at: string; name: string }; steps: Step[] }[]
export type Trace = {
  requests: {
    name: string
    from: string
    to: string
    verdict: { code: string; http?: number; message: string }
    backend?: { pod?: string; ip: string; port: number; node?: string }
    seenSource?: string
    hops: Hops
    reply?: { hops: Hops }
  }[]
}

declare global {
  interface Window {
    kubehop: Kubehop
  }
}

/** The page as a person speaks of it. */
export class Workbench {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  /** Opens the page with URL knobs and waits until its world stands. */
  async open(knobs: Record<string, string> = {}): Promise<void> {
    await this.page.goto(`./?${new URLSearchParams(knobs)}`)
    await this.ready()
  }
  async ready(): Promise<void> {
    await this.page.waitForFunction(() => Boolean(window.kubehop))
    await this.page.evaluate(() => window.kubehop.ready)
  }
  id(name: string): Locator {
    return this.page.getByTestId(name)
  }
  get verdict(): Locator {
    return this.id('verdict')
  }
  get path(): Locator {
    return this.page.getByTestId(/^hop-\d+$/)
  }
  async send(): Promise<void> {
    await this.id('request-send').click()
    await expect.poll(() => this.page.evaluate(() => window.kubehop.trace() !== undefined)).toBe(true)
  }
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key)
  }
  async trace(): Promise<Trace> {
    const trace = await this.page.evaluate(() => window.kubehop.trace())
    if (!trace) throw new Error('nothing was sent yet')
    return trace
  }
  async index(): Promise<number> {
    return this.page.evaluate(() => window.kubehop.index())
  }
  async yaml(): Promise<string> {
    return this.page.evaluate(() => window.kubehop.yaml())
  }
  /** Waits for Monaco and puts the cursor into it. */
  async editor(): Promise<Locator> {
    const editor = this.page.locator('.monaco-editor').first()
    await editor.waitFor({ timeout: 30_000 })
    return editor
  }
  /** Replaces the first occurrence of a text by typing in Monaco, as a person would: find, select, type. */
  async replaceInEditor(find: string, replacement: string): Promise<void> {
    const editor = await this.editor()
    await editor.locator('.view-lines').click()
    const text = await this.yaml()
    const at = text.indexOf(find)
    if (at < 0) throw new Error(`the editor has no ${JSON.stringify(find)}`)
    const before = text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    await this.page.keyboard.press('Control+Home')
    for (let i = 1; i < line; i++) await this.page.keyboard.press('ArrowDown')
    await this.page.keyboard.press('Home')
    // Monaco's Home goes to the first non-blank character first.
    const indent = (text.split('\n')[line - 1] ?? '').search(/\S/)
    for (let i = indent; i < column - 1; i++) await this.page.keyboard.press('ArrowRight')
    for (let i = 0; i < find.length; i++) await this.page.keyboard.press('Shift+ArrowRight')
    await this.page.keyboard.insertText(replacement)
  }
}

type Fixtures = { workbench: Workbench }

/** Every test is offline but for the site itself, and fails on a request to anywhere else or on an error in the console. */
export const test = base.extend<Fixtures>({
  workbench: async ({ page, context }, use) => {
    const strangers: string[] = []
    const errors: string[] = []
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url())
      if (url.hostname === 'localhost' || url.protocol === 'data:' || url.protocol === 'blob:') return route.continue()
      strangers.push(url.href)
      return route.abort()
    })
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await use(new Workbench(page))
    expect(strangers, 'requests that left the site').toEqual([])
    expect(errors, 'errors in the console').toEqual([])
  },
})
export { expect }
