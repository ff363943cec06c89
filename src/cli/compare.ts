import type { Printed } from '../core/kubectl/get.ts'
import { TABLE_STYLE, tabulate } from '../core/kubectl/tabwriter.ts'
import { compareProfiles } from '../core/l7/compare/compare.ts'
import {
  answerKey,
  type ComparedOutcome,
  type ComparedRequest,
  type Comparison,
  type Difference,
  isDetail,
} from '../core/l7/compare/compared.ts'
import { profiles as known } from '../core/l7/profiles/index.ts'
import { answers, reasonText } from '../core/l7/reasons.ts'
import { profiles as t } from '../text/lang/en/profiles.ts'
import { bad } from './fail.ts'
import { type CommonOptions, settledWorld } from './input.ts'

export type CompareOptions = CommonOptions & {
  readonly ingress?: string
  readonly to?: string
  readonly method?: string
  readonly header: readonly string[]
  readonly profiles?: string
}

const DEFAULTS = ['spec', 'ingress-nginx', 'traefik']

/** `kubehop compare`: one Ingress and one request under several controllers' profiles, the differences named. */
export function runCompare(options: CompareOptions): Printed {
  const names = known.map(({ name }) => name)
  const chosen = options.profiles?.split(',') ?? DEFAULTS
  const odd = chosen.find((name) => !names.includes(name))
  if (odd !== undefined) bad(`error: ${odd} is no profile: ${names.join(', ')}`)
  const request = requestOf(options)
  const comparison = compareProfiles(settledWorld(options).cluster, {
    profiles: chosen,
    ...(options.ingress !== undefined && { ingress: keyOf(options.ingress) }),
    ...(request && { request }),
  })
  if (!comparison) bad(options.ingress === undefined ? 'error: there is no Ingress' : `error: there is no Ingress ${options.ingress}`)
  const out = options.output === 'json' ? `${JSON.stringify(comparison, undefined, 2)}\n` : print(comparison)
  return { out, err: '', code: 0 }
}

function keyOf(name: string): string {
  return `Ingress/${name.includes('/') ? name : `default/${name}`}`
}

function requestOf({ to, method = 'GET', header }: CompareOptions): ComparedRequest | undefined {
  const headers = Object.fromEntries(header.map(headerOf))
  if (to === undefined) return undefined
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/.exec(to) ?? bad(`error: --to ${to} is no URL`)
  const { host = authority, ...others } = headers
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return { method, scheme: scheme === 'https' ? 'https' : 'http', host, path, headers: others }
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) bad(`error: -H ${JSON.stringify(line)} is no "Name: value"`)
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
}

function print({ ingress, request, certified, profiles, differences, same, ingressDifferences, probes, moreProbes }: Comparison): string {
  const names = profiles.map(({ profile }) => profile)
  const routes = profiles.map(({ profile, outcome, routes }) => [profile, answer(outcome), routes.find(({ won }) => won)?.rule ?? '<none>'])
  const rows = probes.map((probe) => [
    urlOf(probe.request),
    ...probe.outcomes.map(({ outcome }) => answer(outcome)),
    [...new Set(probe.differences.filter((one) => !isDetail(one)).map(shortly))].join('; '),
  ])
  return [
    `${ingress.replace(/^Ingress\//, 'Ingress ')}: ${request.method} ${urlOf(request)}`,
    '',
    table(['PROFILE', 'ANSWER', 'RULE'], routes),
    same ? t.alike(profiles.length) : t.differ(new Set(profiles.map(({ outcome }) => answerKey(outcome))).size, profiles.length),
    ...[...differences, ...ingressDifferences].map(sentence),
    ...(certified === false ? [t.uncertified(request.host)] : []),
    '',
    table(['REQUEST', ...names.map((name) => name.toUpperCase()), 'DIFFERENCE'], rows),
    ...(moreProbes > 0 ? [t.moreProbes(moreProbes)] : []),
  ]
    .join('\n')
    .replace(/ +$/gm, '')
    .trimEnd()
    .concat('\n')
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  tabulate([head, ...rows].map((row) => row.join('\t')).join('\n'), TABLE_STYLE)
const urlOf = ({ scheme, host, path }: ComparedRequest) => `${scheme}://${host}${path}`
const whoOf = ({ profiles }: Difference) => (profiles.length > 0 ? profiles.join(', ') : t.nobody)
const shortly = (one: Difference) => `${t.difference[one.code] ?? one.code} (${whoOf(one)})`

function answer(outcome: ComparedOutcome): string {
  if (outcome.do === 'forward') return outcome.service.split('/').at(-1) ?? ''
  if (outcome.do === 'unknown') return '?'
  return outcome.location === undefined ? String(outcome.status) : `${outcome.status} ${outcome.location}`
}

function sentence(one: Difference): string {
  const ours: Readonly<Record<string, string>> = answers
  const why = one.reason ? reasonText(one.reason) : ''
  const words = { why, reason: (code: string) => t.reasons[code] ?? ours[code] ?? code }
  return `  ${whoOf(one)}: ${t.difference[one.code] ?? one.code}. ${(t.sentence[one.code]?.(one.params, words) ?? '').replaceAll('`', '')}`
}
