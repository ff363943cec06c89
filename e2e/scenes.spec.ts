import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { expect, test } from './fixtures.ts'

/** Every gallery scene: its lesson is carried out by clicks, and each request ends on the page as the command line says. */
const folder = join(import.meta.dirname, '../src/scenarios')
const scenes = readdirSync(folder).filter((file) => file.endsWith('.yaml'))

type RunStep = {
  step?: Record<string, unknown>
  request?: { verdict: { code: string } } & Record<string, unknown>
  requests?: { verdict: { code: string } }[]
}
type ScenarioDocument = { spec: { requests?: { name: string }[]; steps?: Record<string, unknown>[] } }

function runOf(file: string): readonly string[] {
  const text = execFileSync(process.execPath, ['dist/cli/kubehop.mjs', 'run', '-f', file, '-o', 'json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const { steps } = JSON.parse(text) as { steps: RunStep[] }
  return steps.flatMap((step) => {
    const sent = step.request ?? step.requests?.at(-1)
    return sent ? [sent.verdict.code] : []
  })
}

for (const scene of scenes) {
  test(`the scene ${scene.replace('.yaml', '')} goes on the page as it does on the command line`, async ({ workbench, page }) => {
    test.setTimeout(120_000)
    const file = join(folder, scene)
    const expected = runOf(file)
    const scenario = parseAllDocuments(readFileSync(file, 'utf8'))[0]!.toJS() as ScenarioDocument
    await workbench.open({ scene: scene.replace('.yaml', ''), motion: 'off', lang: 'en' })
    await page.getByRole('tab', { name: 'Lesson' }).click()
    const lesson = page.locator('.lesson')
    const steps = scenario.spec.steps ?? (scenario.spec.requests ?? []).map((request) => ({ send: request.name }))
    const buttons = scenario.spec.steps ? lesson.locator('ol > li') : lesson.locator('ul > li')
    await expect(buttons).toHaveCount(steps.length)
    const seen: string[] = []
    for (const [i, step] of steps.entries()) {
      const button = buttons.nth(i).getByRole('button').first()
      if ((await button.count()) === 0) continue
      await button.click()
      await workbench.ready()
      if ('send' in step) seen.push((await workbench.trace()).requests.at(-1)!.verdict.code)
    }
    expect(seen).toEqual(expected)
  })
}
