import { type Cluster, find, list } from '../../api/cluster.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressClass } from '../../api/kinds/ingress.ts'
import { keyOf, type ObjectKey } from '../../api/meta.ts'
import { runningControllers } from '../controllers.ts'
import type { ControllerConfig, Profile } from '../profile.ts'
import { profiles } from '../profiles/index.ts'
import type { Route, RouteOrigin, RouteTable, Server } from '../routes.ts'

/** A profile's table of some Ingresses, with what is looked up in it. */
export type Compiled = {
  readonly profile: Profile
  readonly running: boolean
  readonly table: RouteTable
  /** Every route by the field that it was made from, with its server. */
  readonly byOrigin: ReadonlyMap<string, readonly { readonly route: Route; readonly server: Server }[]>
}

/** Names a field of an object. */
export function originText({ object, path }: RouteOrigin): string {
  return `${object}#${path.join('.')}`
}

/** Who would serve an Ingress, as a name: Ingresses of the same name are one controller's. */
function servedBy(cluster: Cluster, ingress: Ingress): string {
  const name = ingress.spec.ingressClassName
  if (name !== undefined) {
    const found = find(cluster, 'IngressClass', '', name) as IngressClass | undefined
    return found ? found.spec.controller : `class ${name}`
  }
  const said = ingress.metadata.annotations?.[CLASS_ANNOTATION]
  if (!said) return 'no class'
  return profiles.find((profile) => profile.classes({}).annotations.includes(said))?.controller ?? `annotation ${said}`
}

/** The Ingresses that one controller has together with this one, itself included. */
export function familyOf(cluster: Cluster, ingress: Ingress): { readonly ingresses: readonly Ingress[]; readonly controller: string } {
  const controller = servedBy(cluster, ingress)
  return { ingresses: list(cluster, 'Ingress').filter((one) => servedBy(cluster, one) === controller), controller }
}

const compiled = new WeakMap<Cluster, Map<string, Compiled>>()

/**
 * The tables that each profile would make of an Ingress and those beside it, if it were the controller of their class. A controller that
 * runs in the cluster is taken with the flags and the ConfigMap of its first Pod; the others as they are without any.
 */
export function tablesOf(cluster: Cluster, ingresses: readonly Ingress[], wanted: readonly Profile[]): readonly Compiled[] {
  const known = compiled.get(cluster) ?? new Map<string, Compiled>()
  compiled.set(cluster, known)
  const running = new Map<Profile, ControllerConfig>()
  for (const { profile, config } of runningControllers(cluster)) if (!running.has(profile)) running.set(profile, config)
  const family = ingresses.map(keyOf).join(' ')
  return wanted.map((profile) => {
    const key = `${profile.controller} ${family}`
    const found = known.get(key) ?? compiledBy(cluster, ingresses, profile, running.get(profile))
    known.set(key, found)
    return found
  })
}

function compiledBy(cluster: Cluster, ingresses: readonly Ingress[], profile: Profile, config: ControllerConfig | undefined): Compiled {
  const table = profile.tableOf(cluster, ingresses, config ?? {})
  const byOrigin = new Map<string, { route: Route; server: Server }[]>()
  for (const server of table.servers) {
    for (const route of server.routes) {
      const key = originText(route.origin)
      const found = byOrigin.get(key)
      if (found) found.push({ route, server })
      else byOrigin.set(key, [{ route, server }])
    }
  }
  return { profile, running: config !== undefined, table, byOrigin }
}

/** The Ingress whose rules name a host, exactly before by wildcard; else the first. */
export function ingressFor(cluster: Cluster, host: string): ObjectKey | undefined {
  const all = list(cluster, 'Ingress')
  const named = (name: string) => all.find(({ spec }) => spec.rules?.some((rule) => rule.host?.toLowerCase() === name))
  const found = named(host) ?? named(host.replace(/^[^.]+/, '*')) ?? all[0]
  return found && keyOf(found)
}
