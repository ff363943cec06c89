import { canonicalCidr, cidrContains, type Family, familyOf, type Ip } from '../base/ip.ts'
import { byText } from '../base/order.ts'
import { printConntrack } from '../kernel/conntrack.ts'
import { printIpvsStates } from '../kernel/ipvsprint.ts'
import { freshKernel, type NodeKernel } from '../kernel/kernel.ts'
import type { AddressSet, FamilyProgram, VerdictMap } from '../kernel/program.ts'
import { memberText } from '../proxy/modes/ipvs/sets.ts'
import type { Interface } from '../trace/address.ts'
import { linkTo, type NodeHost, networkOf, type PodHost, primaryIp } from '../trace/network.ts'
import { groundOf } from './ground.ts'
import { nodeProgram } from './programs.ts'
import { seenBy, type World } from './world.ts'

/** What the tools on a node print, line by line: its memory of connections, its addresses and routes, and the sets its rules look into. */
export type NodeReadout = {
  /** `conntrack -L`. */
  readonly conntrack: readonly string[]
  /** `ipvsadm -Ln` and `-Lnc`; empty in the other modes. */
  readonly ipvs: readonly string[]
  /** `ip addr`, without what is not modelled (MTU, queues, MAC addresses). */
  readonly addresses: readonly string[]
  /** `ip route`, then `ip -6 route`. */
  readonly routes: readonly string[]
  /** `ipset list`, `nft list sets` and `maps`, or xt_recent's lists. */
  readonly sets: readonly string[]
}

/** What can be read on a node at this moment; undefined where there is no such node. */
export function readoutOf(world: World, name: string): NodeReadout | undefined {
  const node = networkOf(world.cluster).nodes.get(name)
  if (!node) return undefined
  const kernel = world.kernels.get(name) ?? freshKernel
  const families = nodeProgram(seenBy(world, name), name, world.mode)?.families ?? []
  return {
    conntrack: printConntrack(kernel.conntrack, world.now),
    ipvs: world.mode === 'ipvs' ? printIpvsStates(kernel.ipvs, world.now) : [],
    addresses: addressLines(world, node, families),
    routes: [...routeLines(world, node, 'IPv4'), ...routeLines(world, node, 'IPv6')],
    sets: setLines(world, kernel, families),
  }
}

/** Pods with a network of their own on a node, each by the node's end of its veth. */
function veths(world: World, node: NodeHost): readonly { readonly device: string; readonly pod: PodHost }[] {
  const ground = groundOf(world)
  const own = [...networkOf(world.cluster).pods.values()].filter((pod) => pod.node === node.name)
  return own.map((pod) => ({ device: ground.podInterface(pod), pod })).sort((a, b) => byText(a.pod.name, b.pod.name))
}

function addressLines(world: World, node: NodeHost, families: readonly FamilyProgram[]): readonly string[] {
  const dummies = families.flatMap(({ dummyAddresses }) => dummyAddresses)
  const real = node.interfaces.map((entry) => ({ title: titleOf(entry.name), addresses: interfaceAddresses(entry) }))
  const dummy = {
    title: 'kube-ipvs0: <BROADCAST,NOARP> state DOWN',
    addresses: dummies.map((ip) => addressLine(ip, full(ip), 'kube-ipvs0')),
  }
  const pods = veths(world, node).map(({ device, pod }) => ({
    title: `${device}@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> state UP  # Pod ${pod.name}`,
    addresses: [],
  }))
  return [...real, ...(dummies.length > 0 ? [dummy] : []), ...pods].flatMap(({ title, addresses }, i) => [
    `${i + 1}: ${title}`,
    ...addresses,
  ])
}

function titleOf(name: string): string {
  return name === 'lo' ? 'lo: <LOOPBACK,UP,LOWER_UP> state UNKNOWN' : `${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> state UP`
}

function interfaceAddresses({ name, ips, subnets }: Interface): readonly string[] {
  return ips.map((ip) => {
    const subnet = subnets.find((one) => cidrContains(one, ip))
    return addressLine(ip, subnet === undefined ? full(ip) : Number(subnet.split('/')[1]), name)
  })
}

const full = (ip: Ip) => (familyOf(ip) === 'IPv4' ? 32 : 128)

function addressLine(ip: Ip, length: number, device: string): string {
  const word = familyOf(ip) === 'IPv4' ? 'inet' : 'inet6'
  return `    ${word} ${ip}/${length} scope ${device === 'lo' ? 'host' : 'global'} ${device}`
}

/** The routes that the tracer follows, in `ip route`'s order: the default one, then by destination. */
function routeLines(world: World, node: NodeHost, family: Family): readonly string[] {
  const isOwn = (ip: Ip) => familyOf(ip) === family
  const links = node.interfaces
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ name, ips, subnets }) =>
      ips.filter(isOwn).flatMap((ip) => {
        const subnet = subnets.find((one) => cidrContains(one, ip))
        return subnet === undefined ? [] : [`${networkText(subnet)} dev ${name} proto kernel scope link src ${ip}`]
      }),
    )
  const pods = veths(world, node).flatMap(({ device, pod }) => pod.ips.filter(isOwn).map((ip) => `${ip} dev ${device} scope host`))
  const others = networkOf(world.cluster).podCidrs.flatMap(({ cidr, node: home }) => {
    const via = primaryIp(home, family)
    if (home.name === node.name || via === undefined || familyOfCidr(cidr) !== family) return []
    return [`${cidr} via ${via} dev ${linkTo(node, via, family).name}`]
  })
  const fallback =
    primaryIp(node, family) === undefined
      ? []
      : [`default dev ${linkTo(node, family === 'IPv4' ? '192.0.2.1' : '2001:db8::1', family).name}`]
  return [...fallback, ...[...others, ...pods, ...links].sort(byText)]
}

const familyOfCidr = (cidr: string): Family => (cidr.includes(':') ? 'IPv6' : 'IPv4')

/** A subnet by its network's own address, as the kernel writes it. */
function networkText(subnet: string): string {
  return canonicalCidr(subnet) ?? subnet
}

function setLines(world: World, kernel: NodeKernel, families: readonly FamilyProgram[]): readonly string[] {
  switch (world.mode) {
    case 'ipvs':
      return families.flatMap(({ sets }) => sets.flatMap(ipsetLines))
    case 'nftables':
      return families.flatMap((program) => [
        ...program.sets.flatMap((set) => nftSetLines(set, kernel, world.now)),
        ...program.maps.flatMap(nftMapLines),
      ])
    case 'iptables':
      return [...kernel.recent].flatMap(([list, entries]) => recentLines(list, entries, world.now))
  }
}

function ipsetLines({ name, type, elements }: AddressSet): readonly string[] {
  return [
    `Name: ${name}`,
    `Type: ${type}`,
    `Number of entries: ${elements.length}`,
    'Members:',
    ...elements.map(({ key }) => memberText(key)),
    '',
  ]
}

function nftSetLines(set: AddressSet, { dynamicSets }: NodeKernel, now: number): readonly string[] {
  const live = [...(dynamicSets.get(set.name) ?? [])].filter(([, until]) => until > now)
  const elements = [
    ...set.elements.map(({ key }) => key.join(' . ')),
    ...live.map(([ip, until]) => `${ip} timeout ${set.timeout ?? 0}s expires ${Math.ceil((until - now) / 1000)}s`),
  ]
  return nftBlock('set', set, elements)
}

function nftMapLines(map: VerdictMap): readonly string[] {
  const elements = map.elements.map(
    ({ key, verdict }) => `${key.join(' . ')} : ${'chain' in verdict ? `${verdict.verdict} ${verdict.chain}` : verdict.verdict}`,
  )
  return nftBlock('map', map, elements)
}

function nftBlock(
  word: string,
  { name, type, comment }: { readonly name: string; readonly type: string; readonly comment?: string },
  elements: readonly string[],
): readonly string[] {
  return [
    `${word} ${name} {`,
    `    type ${type}`,
    ...(comment === undefined ? [] : [`    comment "${comment}"`]),
    ...(elements.length > 0 ? ['    elements = {', ...elements.map((element) => `        ${element},`), '    }'] : []),
    '}',
  ]
}

function recentLines(list: string, entries: ReadonlyMap<Ip, number>, now: number): readonly string[] {
  return [
    `/proc/net/xt_recent/${list}`,
    ...[...entries].map(([ip, seen]) => `src=${ip}  # last seen ${((now - seen) / 1000).toFixed(1)} s ago`),
  ]
}
