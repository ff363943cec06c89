import type { Ingress } from '../../api/kinds/ingress.ts'
import { elementsMatch, holds, misses, printHost } from '../match.ts'
import { reasonText } from '../reasons.ts'
import type { Condition, Route } from '../routes.ts'
import { answerKey, type Difference } from './compared.ts'
import type { Decided } from './outcome.ts'
import { originText } from './tables.ts'

export type Fact = Pick<Difference, 'code' | 'params' | 'reason'>

/**
 * Where a profile parts from the documentation on one request, and by what: found by laying the two decisions and the two tables beside
 * each other. `plain` is the documentation's own decision.
 */
export function factsOf(plain: Decided, own: Decided): readonly Fact[] {
  if (!own.views) return [{ code: 'bad-path', params: { path: own.request.path, status: '400' } }]
  const facts = [...routeFacts(plain, own), ...forwardFacts(plain, own)]
  if (facts.length > 0 || answerKey(plain.outcome) === answerKey(own.outcome)) return facts
  return [{ code: 'other', params: {} }]
}

function routeFacts(plain: Decided, own: Decided): readonly Fact[] {
  const alias = aliasOf(plain, own)
  const redirect = redirectOf(plain, own)
  if (redirect) return [...alias, redirect]
  const [expected, won] = [plain.decision.route, own.decision.route]
  if (expected && won && originText(expected.origin) === originText(won.origin)) return [...alias, ...answerFacts(plain, own, won)]
  if (!expected && !isRule(won)) return [...alias, ...noRule(plain, own)]
  if (isRule(won)) return [...alias, ...whyWon(plain, own, won, expected)]
  return [...alias, ...(expected ? whyNot(own, expected, plain) : [])]
}

/** Default backends are no rules: what they answer is what no rule takes. */
const isRule = (route: Route | undefined): route is Route => route !== undefined && route.origin.path[1] === 'rules'

function redirectOf(plain: Decided, { outcome, decision }: Decided): Fact | undefined {
  if (outcome.do !== 'respond' || outcome.location === undefined) return undefined
  const { status, why, location } = outcome
  if (why === 'trailing-slash') {
    const [route, expected] = [decision.route, plain.decision.route]
    // Exact does not take the path without its slash, Prefix does.
    const taken = route !== undefined && expected !== undefined && originText(route.origin) === originText(expected.origin)
    return { code: 'slash-redirect', params: { rule: route?.label ?? '', location, documented: taken ? 'taken' : 'not taken' } }
  }
  return { code: 'redirect', params: { why, status: String(status), location } }
}

/** A server under a name that no rule has. */
function aliasOf(plain: Decided, own: Decided): readonly Fact[] {
  const host = own.decision.server?.host
  const known = plain.decision.server?.host
  if (host?.host !== 'exact' || (known?.host === 'exact' && known.name === host.name)) return []
  return [{ code: 'server-alias', params: { host: host.name } }]
}

/** The same rule won, and yet something else comes of it. */
function answerFacts(plain: Decided, own: Decided, won: Route): readonly Fact[] {
  if (answerKey(plain.outcome) === answerKey(own.outcome)) return []
  const { outcome } = own
  if (outcome.do === 'unknown') return [{ code: 'not-modelled', params: { rule: won.label, what: outcome.what } }]
  if (outcome.do === 'respond') return [{ code: 'status', params: { rule: won.label, status: String(outcome.status), why: outcome.why } }]
  if (plain.outcome.do === 'forward' && plain.outcome.service === outcome.service) return []
  const why = plain.outcome.do === 'respond' ? plain.outcome.why : 'other-service'
  return [{ code: 'serves', params: { rule: won.label, service: nameOf(outcome.service), why } }]
}

function noRule(plain: Decided, own: Decided): readonly Fact[] {
  if (answerKey(plain.outcome) === answerKey(own.outcome)) return []
  const { outcome } = own
  const host = own.request.host
  if (outcome.do === 'unknown') return [{ code: 'not-modelled', params: { rule: '', what: outcome.what } }]
  if (outcome.do === 'respond') return [{ code: 'no-rule', params: { host, status: String(outcome.status) } }]
  return [{ code: 'no-rule', params: { host, service: nameOf(outcome.service) } }]
}

/** Why a rule wins that by the documentation does not. */
function whyWon(plain: Decided, own: Decided, won: Route, expected: Route | undefined): readonly Fact[] {
  const found = plain.compiled.byOrigin.get(originText(won.origin))?.[0]
  const taken = found?.route.conditions.every((condition) => holds(condition, plain.request, plain.request.path))
  if (!found) return expected ? whyNot(own, expected, plain) : []
  if (!taken) return [overreach(own, won, found.route)]
  if (found.server === plain.decision.server) return expected ? whyNot(own, expected, plain) : []
  // By the documentation another server, with a host that fits better, had the only say.
  if (expected) return whyNot(own, expected, plain)
  const host = plain.decision.server ? printHost(plain.decision.server.host) : ''
  return [{ code: 'fall-through', params: { host, rule: won.label, of: printHost(found.server.host) } }]
}

/** A rule that takes more than the documentation lets it take: how its condition differs. */
function overreach(own: Decided, won: Route, documented: Route): Fact {
  const matched = own.views!.matched
  const raw = own.request.path
  if (matched !== raw && documented.conditions.every((condition) => holds(condition, own.request, matched)))
    return { code: 'path-read', params: { path: raw, read: matched } }
  const path = pathCondition(won)
  if (path?.by === 'regex') return { code: 'regex', params: { rule: won.label, path: matched, ...regexBy(own, won) } }
  if (path?.by === 'text') return { code: 'text-prefix', params: { rule: won.label, text: path.value, path: matched } }
  return { code: 'match', params: { rule: won.label, path: matched } }
}

/** What made a pattern of the rule: an annotation of some Ingress of the host, or of its own. */
function regexBy({ decision }: Decided, route: Route): Readonly<Record<string, string>> {
  const origin = decision.server?.regexBy
  const [, , name] = origin?.path ?? []
  return origin ? { ingress: nameOf(origin.object), annotation: String(name) } : { ingress: nameOf(route.origin.object), annotation: '' }
}

/** Why the rule that wins by the documentation does not win here. */
function whyNot(own: Decided, expected: Route, plain: Decided): readonly Fact[] {
  const entries = own.compiled.byOrigin.get(originText(expected.origin)) ?? []
  if (entries.length === 0) return [{ code: 'not-made', params: { rule: expected.label, why: reasonNotMade(plain, expected) } }]
  const matched = own.views!.matched
  const fits = entries.find(({ route }) => route.conditions.every((condition) => holds(condition, own.request, matched)))
  // Another server than the one that was chosen is not asked.
  if (fits && fits.server !== own.decision.server) return noRule(plain, own)
  if (fits) return [outranked(own, fits.route)]
  const { route } = entries[0]!
  const failed = route.conditions.find((condition) => !holds(condition, own.request, matched))
  if (failed?.on === 'scheme') return [{ code: 'https-only', params: { rule: route.label } }]
  if (matched !== plain.request.path) return [{ code: 'path-read', params: { path: plain.request.path, read: matched } }]
  return [missed(own, route, failed, matched)]
}

function missed(own: Decided, route: Route, failed: Condition | undefined, matched: string): Fact {
  if (failed?.on === 'path' && failed.by === 'regex')
    return { code: 'regex-miss', params: { rule: route.label, path: matched, ...regexBy(own, route) } }
  if (failed?.on === 'path' && failed.by === 'text' && elementsMatch(failed.value, matched))
    return { code: 'slash-counts', params: { rule: route.label, text: failed.value, path: matched } }
  const reason = failed && misses(failed, own.request, matched)
  const params = { rule: route.label, path: matched, why: reason ? reasonText(reason) : '' }
  return { code: 'match', params, ...(reason && { reason }) }
}

function outranked({ decision }: Decided, loser: Route): Fact {
  const winner = decision.route
  const why = winner ? reasonText(winner.rank) : ''
  const params = { winner: winner?.label ?? '', loser: loser.label, why }
  const tie = why === reasonText(loser.rank) && loser.rank.code.startsWith('priority')
  return { code: tie ? 'tie' : 'rank', params, ...(winner && { reason: winner.rank }) }
}

/** What keeps a controller from making a route of a rule, as far as the documentation's own table tells. */
function reasonNotMade({ compiled }: Decided, { action, label, origin }: Route): string {
  if (action.do === 'respond') return action.why
  const backend = action.do === 'proxy' ? action.proxy.backends[0]?.backend : undefined
  if (backend?.to === 'address') return 'external-name'
  if (backend?.to === 'endpoints' && backend.endpoints.length === 0) return 'no-endpoints'
  const beside = compiled.byOrigin.get(originText(origin))?.[0]?.server.routes ?? []
  return beside.filter((route) => route.label === label).length > 1 ? 'duplicate' : 'kept-out'
}

function pathCondition({ conditions }: Route): (Condition & { readonly on: 'path' }) | undefined {
  for (const condition of conditions) if (condition.on === 'path') return condition
  return undefined
}

/** What the backend is sent, and how it is reached. */
function forwardFacts(plain: Decided, own: Decided): readonly Fact[] {
  const { outcome, request, views } = own
  if (outcome.do !== 'forward') return []
  const facts: Fact[] = []
  const asked = request.query === undefined ? request.path : `${request.path}?${request.query}`
  if (outcome.path !== asked) {
    const cleaned = views && views.forwarded !== request.path && outcome.path.split('?')[0] === views.forwarded
    facts.push({
      code: cleaned ? 'path-read' : 'rewrite',
      params: cleaned ? { path: request.path, read: views.forwarded } : { path: asked, to: outcome.path },
    })
  }
  if (outcome.host !== request.hostHeader) facts.push({ code: 'vhost', params: { host: outcome.host } })
  if (outcome.canary)
    facts.push({ code: 'canary', params: { service: nameOf(outcome.canary.service), percent: percent(outcome.canary.share) } })
  if (outcome.cookie !== undefined) facts.push({ code: 'cookie', params: { cookie: outcome.cookie } })
  const other = plain.outcome.do === 'forward' && plain.outcome.service === outcome.service ? plain.outcome : undefined
  if (outcome.byAddress && !other?.byAddress)
    facts.push({ code: 'by-address', params: { service: nameOf(outcome.service), address: outcome.endpoints[0]?.to ?? '' } })
  else if (other && !other.byAddress && JSON.stringify([other.endpoints, other.more]) !== JSON.stringify([outcome.endpoints, outcome.more]))
    facts.push({ code: 'endpoints', params: { service: nameOf(outcome.service), count: String(outcome.endpoints.length + outcome.more) } })
  return facts
}

const percent = (share: number) => String(Math.round(share * 1000) / 10)

/** `Service/default/web` → `web`; namespaces are all the Ingress's own. */
export const nameOf = (key: string) => key.split('/')[2] ?? key

/** What is written on the Ingress for one controller alone. */
export function annotationsOf(ingress: Ingress): readonly string[] {
  return Object.keys(ingress.metadata.annotations ?? {}).sort()
}
