/** A gallery scene: its file's name without the ending, and its text (first document `kind: Scenario`). */
export type Scenario = { readonly name: string; readonly text: string }

const texts = import.meta.glob<string>('./*.yaml', { query: '?raw', import: 'default', eager: true })

/** Every scene of this folder, found by itself, in order of name. */
export const scenarios: readonly Scenario[] = Object.entries(texts)
  .map(([path, text]) => ({ name: path.replace(/^.*\/|\.yaml$/g, ''), text }))
  .sort((a, b) => (a.name < b.name ? -1 : 1))
