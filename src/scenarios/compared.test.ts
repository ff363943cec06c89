import { describe, expect, test } from 'vitest'
import { load } from '../core/api/load.ts'
import { compareProfiles } from '../core/l7/compare/compare.ts'
import type { ComparedOutcome } from '../core/l7/compare/compared.ts'
import { profiles } from '../core/l7/profiles/index.ts'
import { openWorld } from '../core/sim/open.ts'
import { sendRequest } from '../core/sim/send.ts'
import type { RequestSpec } from '../core/sim/session.ts'
import type { World } from '../core/sim/world.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { scenarios } from './index.ts'

const names = profiles.map(({ name }) => name)

/** The scenes in which an Ingress is served, as they stand before their first step. */
const served = scenarios
  .filter(({ text }) => text.includes('kind: Ingress\n'))
  .map(({ name, text }) => {
    const loaded = load([{ name: `${name}.yaml`, text }], { bare: false })
    return { name, world: openWorld(loaded, { seed: 42, mode: 'iptables' }), requests: loaded.scenario?.requests ?? [] }
  })

/** The URL that a controller is asked for, or nothing where a request is no HTTP. */
function askedOf({ to, method = 'GET', headers = {} }: RequestSpec) {
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)/.exec(to) ?? []
  if (scheme !== 'http' && scheme !== 'https') return undefined
  const own = Object.entries(headers)
  const host = own.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? authority
  const others = Object.fromEntries(own.filter(([name]) => name.toLowerCase() !== 'host'))
  return { method, scheme, host, path: rest.startsWith('/') ? rest : `/${rest}`, headers: others } as const
}

/** The first controller's rule that won, and what it sends to its backend or answers. */
function metBy({ hops, response, verdict }: RequestTrace) {
  const steps = hops.flatMap((hop) => hop.steps)
  const at = steps.findIndex(({ step }) => step === 'match')
  const match = steps[at]
  if (match?.step !== 'match') return undefined
  const sent = steps.slice(at).find((step) => step.step === 'http' && step.message === 'request')
  const won = match.candidates.find((candidate) => candidate.won)
  return {
    by: match.by,
    rule: won?.rule,
    object: won?.origin?.object,
    refused: verdict.code === 'TLS_MISMATCH',
    sent: sent?.step === 'http' ? [sent.host, sent.path] : [response?.status, response?.headers['location']],
  }
}

const sentBy = (outcome: ComparedOutcome) =>
  outcome.do === 'forward' ? [outcome.host, outcome.path] : outcome.do === 'respond' ? [outcome.status, outcome.location] : ['unknown']

function cases(world: World, requests: readonly RequestSpec[]) {
  return requests.flatMap((request) => {
    const asked = askedOf(request)
    const sent = sendRequest(world, request, { all: false })
    const met = typeof sent === 'string' ? undefined : metBy(sent.traces[0]!)
    return asked && met?.object?.startsWith('Ingress/') && names.includes(met.by) ? [{ asked, met }] : []
  })
}

const tried = served.map(({ name, world, requests }) => ({ name, world, all: cases(world, requests) })).filter(({ all }) => all.length > 0)

describe.each(tried)('$name', ({ world, all }) => {
  test('the comparison says of the controller that serves what its request meets', () => {
    for (const { asked, met } of all) {
      const found = compareProfiles(world.cluster, { ingress: met.object!, request: asked, profiles: names })
      const own = found?.profiles.find(({ profile }) => profile === met.by)
      expect([own?.serves, own?.routes.find(({ won }) => won)?.rule], JSON.stringify(asked)).toEqual([true, met.rule])
      if (asked.scheme === 'https') expect(found?.certified, JSON.stringify(asked)).toBe(!met.refused)
      if (!met.refused) expect(own && sentBy(own.outcome), JSON.stringify(asked)).toEqual(met.sent)
    }
  })
})

test('there are such scenes', () => expect(tried.reduce((sum, { all }) => sum + all.length, 0)).toBeGreaterThan(40))
