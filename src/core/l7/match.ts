import { unreachable } from '../base/assert.ts'
import { type HttpRequest, queryOf } from './http.ts'
import { because, type Reason } from './reasons.ts'
import type { Condition, HostPattern } from './routes.ts'

/** Whether a host pattern takes a host (lower case, no port). `any` takes everything, also a request without a Host. */
export function hostMatches(pattern: HostPattern, host: string): boolean {
  switch (pattern.host) {
    case 'any':
      return true
    case 'exact':
      return pattern.name === host
    case 'wildcard': {
      if (!host.endsWith(pattern.suffix)) return false
      const star = host.slice(0, -pattern.suffix.length)
      return star !== '' && (pattern.labels === 'more' || !star.includes('.'))
    }
  }
}

/** A pattern as rules write it: `*`, `foo.com`, `*.foo.com`. */
export function printHost(pattern: HostPattern): string {
  return pattern.host === 'any' ? '*' : pattern.host === 'exact' ? pattern.name : `*${pattern.suffix}`
}

/** The pattern of a rule's host text; an Ingress's star covers one label, a Gateway's one or more. */
export function hostPattern(text: string | undefined, labels: 'one' | 'more'): HostPattern {
  if (!text || text === '*') return { host: 'any' }
  const name = text.toLowerCase().replace(/\.$/, '')
  return name.startsWith('*.') ? { host: 'wildcard', suffix: name.slice(1), labels } : { host: 'exact', name }
}

/** `/`-separated elements: every element of the prefix equals the path's, and a trailing slash is ignored on both sides. */
export function elementsMatch(prefix: string, path: string): boolean {
  const bare = prefix.replace(/\/+$/, '')
  return path === bare || path.startsWith(`${bare}/`) || bare === ''
}

const patterns = new Map<string, RegExp | undefined>()

/** A compiled pattern, or undefined for a broken one (which matches nothing). RE2 and PCRE syntax that JavaScript lacks counts as broken. */
export function patternOf(source: string, flags: string): RegExp | undefined {
  const key = `${flags}/${source}`
  if (!patterns.has(key)) patterns.set(key, compiled(source, flags))
  return patterns.get(key)
}

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    // `(?i)` at the start is RE2's and PCRE's way to say the flag.
    return source.startsWith('(?i)') ? new RegExp(source.slice(4), flags.includes('i') ? flags : `${flags}i`) : new RegExp(source, flags)
  } catch {
    return undefined
  }
}

/** Whether a condition holds for a request. `path` is the path as the table's profile sees it. */
export function holds(condition: Condition, request: HttpRequest, path: string): boolean {
  switch (condition.on) {
    case 'host':
      return hostMatches(condition.is, request.host)
    case 'path':
      return pathMatches(condition, path)
    case 'scheme':
      return condition.value === (request.accessScheme ?? request.scheme)
    case 'method':
    case 'header':
    case 'query':
      return misses(condition, request, path) === undefined
    default:
      return unreachable(condition)
  }
}

/** Why a condition does not hold for a request, or undefined when it does. `path` is the path as the table's profile sees it. */
export function misses(condition: Condition, request: HttpRequest, path: string): Reason | undefined {
  switch (condition.on) {
    case 'host':
      return hostMatches(condition.is, request.host) ? undefined : because('host', { host: request.host, pattern: printHost(condition.is) })
    case 'path':
      return pathMatches(condition, path) ? undefined : because(`path-${condition.by}`, { path, value: condition.value })
    case 'method':
      return condition.value === request.method ? undefined : because('method', { method: request.method, value: condition.value })
    case 'scheme':
      return condition.value === (request.accessScheme ?? request.scheme) ? undefined : because('scheme', { scheme: request.scheme })
    case 'header': {
      const value = request.headers[condition.name.toLowerCase()]
      if (value !== undefined && textMatches(condition, value)) return undefined
      const { name } = condition
      return value === undefined ? because('header-absent', { name }) : because('header-other', { name, value: JSON.stringify(value) })
    }
    case 'query': {
      const value = queryOf(request.query).find(([name]) => name === condition.name)?.[1]
      if (value !== undefined && textMatches(condition, value)) return undefined
      const { name } = condition
      return value === undefined ? because('query-absent', { name }) : because('query-other', { name, value: JSON.stringify(value) })
    }
  }
}

function textMatches(condition: { readonly by: 'exact' | 'regex'; readonly value: string }, value: string): boolean {
  return condition.by === 'exact' ? condition.value === value : (patternOf(condition.value, '')?.test(value) ?? false)
}

function pathMatches(condition: Condition & { readonly on: 'path' }, path: string): boolean {
  switch (condition.by) {
    case 'exact':
      return condition.value === path
    case 'elements':
      return elementsMatch(condition.value, path)
    case 'text':
      return condition.ignoreCase ? path.toLowerCase().startsWith(condition.value.toLowerCase()) : path.startsWith(condition.value)
    case 'regex':
      return patternOf(condition.value, condition.ignoreCase ? 'i' : '')?.test(path) ?? false
  }
}
