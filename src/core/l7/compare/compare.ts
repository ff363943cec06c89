import { at, type Cluster } from '../../api/cluster.ts'
import type { Ingress } from '../../api/kinds/ingress.ts'
import { keyOf, type ObjectKey } from '../../api/meta.ts'
import { certifiedBy } from '../certificates.ts'
import { claimOf } from '../classes.ts'
import { runningControllers } from '../controllers.ts'
import { hostOf } from '../http.ts'
import type { Profile } from '../profile.ts'
import { profiles } from '../profiles/index.ts'
import { spec } from '../profiles/spec.ts'
import {
  answerKey,
  type ComparedProfile,
  type ComparedRequest,
  type Comparison,
  type Difference,
  type Probe,
  type ProbedRow,
} from './compared.ts'
import { annotationsOf, type Fact, factsOf } from './explain.ts'
import { type Decided, decided } from './outcome.ts'
import { firstRequest, probesOf } from './probes.ts'
import { type Compiled, familyOf, ingressFor, tablesOf } from './tables.ts'

/** Routes beyond this many are only counted. */
const MOST = 24

/**
 * One Ingress under several profiles, each of which is given it, and those served together with it, as if it were the controller of their
 * class. Undefined without an Ingress. Without a request the Ingress's first rule is asked for; unknown profile names are left out.
 */
export function compareProfiles(
  cluster: Cluster,
  asked: { readonly ingress?: ObjectKey; readonly request?: ComparedRequest; readonly profiles: readonly string[] },
): Comparison | undefined {
  const key = asked.ingress ?? ingressFor(cluster, hostOf(asked.request?.host ?? ''))
  const ingress = key === undefined ? undefined : (at(cluster, key) as Ingress | undefined)
  if (ingress?.kind !== 'Ingress') return undefined
  const { ingresses } = familyOf(cluster, ingress)
  const chosen = profiles.filter(({ name }) => asked.profiles.includes(name))
  const tables = tablesOf(cluster, ingresses, chosen)
  const [plain] = tablesOf(cluster, ingresses, [spec])
  const request = asked.request ?? firstRequest(ingress)
  const asking = (one: ComparedRequest) => laid(plain!, tables, one)
  const { probes, more } = probesOf(ingress)
  const { all, differences, same } = asking(request)
  return {
    ingress: keyOf(ingress),
    together: ingresses.map(keyOf),
    request,
    ...(request.scheme === 'https' && { certified: certifiedBy(cluster, ingresses, hostOf(request.host)) }),
    profiles: all.map((one) => profileView(one, serves(cluster, ingress, one.compiled.profile))),
    same,
    differences,
    probes: probes.map((probe) => rowOf(probe, asking(probe.request))),
    moreProbes: more,
    ingressDifferences: annotationDifferences(ingress, chosen),
  }
}

type Laid = { readonly all: readonly Decided[]; readonly differences: readonly Difference[]; readonly same: boolean }

/** A request under every table, laid beside each other. */
function laid(plain: Compiled, tables: readonly Compiled[], request: ComparedRequest): Laid {
  const documented = decided(plain, request)
  const all = tables.map((table) => (table === plain ? documented : decided(table, request)))
  const facts = all.map((own) => (own === documented ? [] : factsOf(documented, own)))
  const names = all.map(({ compiled }) => compiled.profile.name)
  return {
    all,
    differences: [...merged(names, facts), ...headerDifferences(all)],
    // Of what is not modelled nobody can say that it is alike.
    same: new Set(all.map(({ outcome }) => answerKey(outcome))).size <= 1 && all.every(({ outcome }) => outcome.do !== 'unknown'),
  }
}

/** Equal facts of several profiles are one difference; what all of them do alike is none. */
function merged(names: readonly string[], facts: readonly (readonly Fact[])[]): readonly Difference[] {
  const found = new Map<string, { readonly fact: Fact; readonly profiles: string[] }>()
  facts.forEach((own, i) => {
    for (const fact of own) {
      const key = JSON.stringify([fact.code, fact.params])
      const known = found.get(key)
      if (!known) found.set(key, { fact, profiles: [names[i]!] })
      else if (known.profiles.at(-1) !== names[i]) known.profiles.push(names[i]!)
    }
  })
  return [...found.values()]
    .filter(({ profiles }) => profiles.length < names.length)
    .map(({ fact, profiles }) => ({ ...fact, profiles, others: names.filter((name) => !profiles.includes(name)) }))
}

/** Headers that only some of the proxies add. The documentation has no word on headers, so its profile takes no part. */
function headerDifferences(all: readonly Decided[]): readonly Difference[] {
  const sets = all.flatMap(({ compiled: { profile }, outcome }) =>
    profile !== spec && outcome.do === 'forward' ? [{ name: profile.name, headers: outcome.headers }] : [],
  )
  const common = new Set(sets[0]?.headers.filter((header) => sets.every(({ headers }) => headers.includes(header))))
  const names = sets.map(({ name }) => name)
  const facts = sets.map(({ headers }): readonly Fact[] => {
    const own = headers.filter((header) => !common.has(header))
    return own.length === 0 ? [] : [{ code: 'headers', params: { headers: own.join(', ') } }]
  })
  return merged(names, facts)
}

function profileView(own: Decided, isServing: boolean): ComparedProfile {
  const { compiled, decision, outcome } = own
  const { candidates } = decision
  const listed = candidates.length <= MOST ? candidates : candidates.filter(({ won }, i) => won || i < MOST - 1)
  return {
    profile: compiled.profile.name,
    running: compiled.running,
    serves: isServing,
    ...(decision.server && { server: decision.server.name }),
    routes: listed.map(({ route, won, why }) => ({ rule: route.label, won, why, origin: route.origin })),
    more: candidates.length - listed.length,
    outcome,
  }
}

function rowOf(probe: Probe, { all, same, differences }: Laid): ProbedRow {
  const outcomes = all.map(({ compiled, outcome }) => ({ profile: compiled.profile.name, outcome }))
  return { ...probe, outcomes, same, differences }
}

/** Whether a controller of this profile has the Ingress now. */
function serves(cluster: Cluster, ingress: Ingress, profile: Profile): boolean {
  if (profile.outside) return claimOf(cluster, ingress, profile.classes({})).claimed
  return runningControllers(cluster).some(
    (one) => one.profile === profile && claimOf(cluster, ingress, profile.classes(one.config)).claimed,
  )
}

/** Annotations that one controller gives effect to and the others do not know. */
function annotationDifferences(ingress: Ingress, chosen: readonly Profile[]): readonly Difference[] {
  const names = chosen.map(({ name }) => name)
  return annotationsOf(ingress).flatMap((annotation): readonly Difference[] => {
    const reads = ({ annotations: { prefix, modelled } }: Profile) =>
      annotation.startsWith(prefix) && modelled.includes(annotation.slice(prefix.length))
    if (!profiles.some(reads)) return []
    const own = chosen.filter(reads).map(({ name }) => name)
    if (own.length === names.length) return []
    return [{ code: 'annotation', params: { annotation }, profiles: own, others: names.filter((name) => !own.includes(name)) }]
  })
}
