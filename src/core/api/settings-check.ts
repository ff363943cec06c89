import { parseCidr } from '../base/ip.ts'
import type { Diagnostic } from '../source/diagnostic.ts'
import { child, type Located, placeOf, textAt } from '../source/located.ts'
import type { InputDocument } from './documents.ts'
import { printPath } from './meta.ts'

type Path = readonly string[]
/** What a field may be: one of a list, CIDRs, a number in a range, a length of time. */
type Rule = { readonly path: Path } & (
  | { readonly oneOf: readonly string[] }
  | { readonly cidrs: true; readonly orText?: string }
  | { readonly from: number; readonly to: number }
  | { readonly duration: true }
)

const MODES = ['', 'iptables', 'nftables', 'ipvs']
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Cluster: [
    { path: ['networking', 'ipFamily'], oneOf: ['ipv4', 'ipv6', 'dual'] },
    { path: ['networking', 'kubeProxyMode'], oneOf: [...MODES, 'none'] },
    { path: ['networking', 'podSubnet'], cidrs: true },
    { path: ['networking', 'serviceSubnet'], cidrs: true },
  ],
  KubeProxyConfiguration: [
    { path: ['mode'], oneOf: MODES },
    { path: ['clusterCIDR'], cidrs: true },
    { path: ['detectLocalMode'], oneOf: ['', 'ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] },
    { path: ['nodePortAddresses'], cidrs: true, orText: 'primary' },
    { path: ['iptables', 'masqueradeBit'], from: 0, to: 31 },
    { path: ['nftables', 'masqueradeBit'], from: 0, to: 31 },
    { path: ['ipvs', 'scheduler'], oneOf: ['', 'rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh', 'fo', 'ovf'] },
    ...['tcpTimeout', 'tcpFinTimeout', 'udpTimeout'].map((name) => ({ path: ['ipvs', name], duration: true as const })),
    ...['tcpEstablishedTimeout', 'tcpCloseWaitTimeout', 'udpTimeout', 'udpStreamTimeout'].map((name) => ({
      path: ['conntrack', name],
      duration: true as const,
    })),
  ],
  KubeControllerManagerConfiguration: [{ path: ['endpointSliceController', 'maxEndpointsPerSlice'], from: 1, to: 1000 }],
  ClusterConfiguration: [
    { path: ['networking', 'podSubnet'], cidrs: true },
    { path: ['networking', 'serviceSubnet'], cidrs: true },
  ],
}

/** Settings that make no sense, each at its place: they are not used. What the program itself would refuse is a warning here. */
export function checkSettings({ kind, at }: InputDocument): Diagnostic[] {
  const wrong = (RULES[kind] ?? []).flatMap((rule) => {
    const found = rule.path.reduce<Located | undefined>(child, at)
    const why = found && complaint(rule, found)
    return why && found ? [said('SETTINGS_INVALID', 'warning', rule.path, found, why)] : []
  })
  if (kind !== 'Cluster' || textAt(at, 'networking', 'kubeProxyMode') !== 'none') return wrong
  const path = ['networking', 'kubeProxyMode']
  const found = path.reduce<Located | undefined>(child, at)
  return found
    ? [...wrong, said('NOT_MODELLED', 'info', path, found, 'a cluster without kube-proxy is not modelled: iptables mode is used')]
    : wrong
}

function said(code: string, severity: Diagnostic['severity'], path: Path, at: Located, message: string): Diagnostic {
  return { code, severity, message, range: placeOf(at), field: printPath(path) }
}

function complaint(rule: Rule, at: Located): string | undefined {
  const values =
    at.at === 'list' ? at.items.map((item) => (item.at === 'scalar' ? item.value : item)) : at.at === 'scalar' ? [at.value] : [at]
  if (at.at === 'scalar' && at.value === null) return undefined
  if ('oneOf' in rule)
    return values.every((value) => rule.oneOf.includes(String(value)))
      ? undefined
      : `must be one of ${rule.oneOf.filter(Boolean).join(', ')}`
  if ('cidrs' in rule) {
    const parts = values.flatMap((value) => String(value).split(',')).map((part) => part.trim())
    return parts.every((part) => part === '' || part === rule.orText || parseCidr(part))
      ? undefined
      : 'must be a CIDR such as 10.244.0.0/16, or several separated by commas'
  }
  if ('duration' in rule)
    return values.every((value) => /^(0|\+?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(String(value)))
      ? undefined
      : 'must be a duration of 0 or more, such as 15m or 1h30m'
  const numbers = values.map(Number)
  return numbers.every((value) => Number.isInteger(value) && value >= rule.from && value <= rule.to)
    ? undefined
    : `must be a whole number from ${rule.from} to ${rule.to}`
}
