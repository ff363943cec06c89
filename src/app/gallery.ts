import type { SourceFile } from '../core/source/diagnostic.ts'
import type { Scenario } from '../scenarios/index.ts'
import type { Scenes } from '../store/store.ts'

const FIRST = 'httpbin'

/** Fetches the gallery: its texts are no part of what the page needs to stand. */
export async function loadGallery(): Promise<Scenes> {
  const { scenarios } = await import('../scenarios/index.ts')
  return scenesOf(scenarios)
}

/** The gallery as the store wants it. A scene's cluster comes first, its Scenario document in a file of its own behind it. */
export function scenesOf(scenarios: readonly Scenario[]): Scenes {
  return {
    first: scenarios.some((scenario) => scenario.name === FIRST) ? FIRST : (scenarios[0]?.name ?? ''),
    list: scenarios.map(({ name, category, text }) => ({ name, group: category, title: titleOf(text) })),
    load: (name) => {
      const text = scenarios.find((scenario) => scenario.name === name)?.text
      return text === undefined ? undefined : split(name, text)
    },
  }
}

/** `spec.title` of a scenario file, without a YAML parser: the menu needs no more, and the worker reads it properly. */
function titleOf(text: string): Readonly<Record<string, string>> {
  const block = /\n {2}title:\n((?: {4}\S.*\n)+)/.exec(text)?.[1] ?? ''
  const lines = [...block.matchAll(/^ {4}(\w+): *(?:"(.*)"|'(.*)'|(.*))$/gm)]
  return Object.fromEntries(lines.map((line) => [line[1] ?? '', line[2] ?? line[3] ?? line[4] ?? '']))
}

function split(name: string, text: string): readonly SourceFile[] {
  const end = text.indexOf('\n---\n')
  const file = (part: string) => ({ name: `${name}.yaml`, text: part })
  if (end < 0 || !/^kind: Scenario$/m.test(text.slice(0, end))) return [file(text)]
  return [file(text.slice(end + 5)), { name: 'scenario.yaml', text: text.slice(0, end + 1) }]
}
