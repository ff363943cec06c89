import type { LabelSelector, Labels } from '../api/meta.ts'
import { byText } from '../base/order.ts'

export type Requirement = {
  readonly key: string
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!'
  readonly values: readonly string[]
}

/** `a=b,c=d` sorted by key, `<none>` when empty (apimachinery labels.FormatLabels). */
export function formatLabels(labels: Labels | undefined): string {
  const text = labelPairs(labels).join(',')
  return text === '' ? '<none>' : text
}

/** `key=value` texts sorted by key. */
export function labelPairs(labels: Labels | undefined): string[] {
  return Object.keys(labels ?? {})
    .sort(byText)
    .map((key) => `${key}=${labels?.[key]}`)
}

/** A label selector as `LabelSelectorAsSelector(…).String()` prints it: requirements sorted by key. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const plain = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }))
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    const list = [...(values ?? [])].sort(byText).join(',')
    const text = { In: `${key} in (${list})`, NotIn: `${key} notin (${list})`, Exists: key, DoesNotExist: `!${key}` }[operator]
    return { key, text: text ?? key }
  })
  return [...plain, ...expressions]
    .sort((a, b) => byText(a.key, b.key))
    .map((part) => part.text)
    .join(',')
}

/** What `-l` says: equality and set requirements; undefined if it cannot be read. */
export function parseSelector(text: string): readonly Requirement[] | undefined {
  const requirements: Requirement[] = []
  for (const part of splitOutside(text)) {
    const requirement = parseRequirement(part.trim())
    if (!requirement) return undefined
    requirements.push(requirement)
  }
  return requirements
}

/** Whether labels meet every requirement. `!=` and `notin` also hold where the key is absent. */
export function meets(labels: Labels | undefined, requirements: readonly Requirement[]): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = labels?.[key]
    switch (operator) {
      case 'exists':
        return value !== undefined
      case '!':
        return value === undefined
      case '=':
      case 'in':
        return value !== undefined && values.includes(value)
      default:
        return value === undefined || !values.includes(value)
    }
  })
}

const KEY = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?'
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`)
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`)

function parseRequirement(text: string): Requirement | undefined {
  const equality = EQUALITY.exec(text)
  if (equality) return { key: equality[1] ?? '', operator: equality[3] === '!=' ? '!=' : '=', values: [equality[4] ?? ''] }
  const set = SET.exec(text)
  if (set) {
    const values = (set[4] ?? '').split(',').map((value) => value.trim())
    return { key: set[1] ?? '', operator: set[3] === 'in' ? 'in' : 'notin', values }
  }
  const exists = EXISTS.exec(text)
  return exists ? { key: exists[2] ?? '', operator: exists[1] === '!' ? '!' : 'exists', values: [] } : undefined
}

function splitOutside(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part].filter((one) => one.trim() !== '')
}
