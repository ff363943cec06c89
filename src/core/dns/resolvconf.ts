import type { Pod } from '../api/kinds/pod.ts'

/** What a Pod's /etc/resolv.conf says. */
export type ResolvConf = {
  /** `cluster`: the cluster's DNS; `host`: whatever the node itself asks; else addresses from dnsConfig. */
  readonly servers: 'cluster' | 'host' | readonly string[]
  readonly search: readonly string[]
  readonly ndots: number
}

/** The node's own resolver: no search list, ndots 1. */
export const HOST_RESOLVER: ResolvConf = { servers: 'host', search: [], ndots: 1 }

const MAX_SERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_LENGTH = 2048

/** The resolver configuration that the kubelet writes for a Pod (pkg/kubelet/network/dns GetPodDNS). */
export function resolvConfOf(pod: Pod, domain: string): ResolvConf {
  const base = policyConf(pod, domain)
  const extra = pod.spec.dnsConfig
  if (!extra) return base
  const option = extra.options?.filter((entry) => entry.name === 'ndots').at(-1)?.value
  const ndots = option === undefined ? base.ndots : Math.min(15, Number.parseInt(option, 10) || 0)
  return { servers: servers(base.servers, extra.nameservers ?? []), search: limited([...base.search, ...(extra.searches ?? [])]), ndots }
}

function policyConf(pod: Pod, domain: string): ResolvConf {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], search: [], ndots: 1 }
  // On the host's network "ClusterFirst" means the host's resolver; only ClusterFirstWithHostNet asks the cluster.
  if (policy === 'Default' || (policy === 'ClusterFirst' && pod.spec.hostNetwork)) return HOST_RESOLVER
  const namespace = pod.metadata.namespace ?? 'default'
  return { servers: 'cluster', search: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain], ndots: 5 }
}

/** Own nameservers come after those of the policy, at most three in all; the first answers while it is alive. */
function servers(base: ResolvConf['servers'], extra: readonly string[]): ResolvConf['servers'] {
  if (typeof base === 'string') return base
  return [...new Set([...base, ...extra])].slice(0, MAX_SERVERS)
}

function limited(searches: readonly string[]): readonly string[] {
  const unique = [...new Set(searches.map((search) => search.replace(/\.$/, '')))].slice(0, MAX_SEARCHES)
  while (unique.join(' ').length > MAX_SEARCH_LENGTH) unique.pop()
  return unique
}

/** The names a glibc resolver asks for, in order (resolv.conf(5)): a final dot asks only for itself; few dots, search list first. */
export function candidates(name: string, conf: Pick<ResolvConf, 'search' | 'ndots'>): readonly string[] {
  if (name.endsWith('.')) return [name]
  const dots = name.split('.').length - 1
  const searched = conf.search.map((search) => `${name}.${search}.`)
  return dots >= conf.ndots ? [`${name}.`, ...searched] : [...searched, `${name}.`]
}
