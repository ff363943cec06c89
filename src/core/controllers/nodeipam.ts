import { at, type Cluster, list } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import { keyOf } from '../api/meta.ts'
import { ipIn, parseCidr } from '../base/ip.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { because } from './why.ts'

/**
 * Gives every node without one its Pod CIDR: the next free block of the cluster's, a /24 or /64, after the last one given. A block that
 * comes free is used again only when the cursor has gone all the way round.
 */
export const nodeIpam: Controller = {
  name: 'node-ipam-controller',
  everything: (cluster) => list(cluster, 'Node').filter(lacksCidr).map(keyOf),
  watches: ['Node'],
  concerns: ({ key, after }) => (key.startsWith('Node/') && after && lacksCidr(after as Node) ? [key] : []),
  reconcile: (cluster, keys, context) => {
    const taken = new Set(list(cluster, 'Node').flatMap(cidrsOf))
    return keys.flatMap((key) => {
      const node = at(cluster, key) as Node | undefined
      return node && lacksCidr(node) ? allocate(cluster, node, taken, context) : []
    })
  },
}

const cidrsOf = ({ spec }: Node): readonly string[] => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])
const lacksCidr = (node: Node): boolean => cidrsOf(node).length === 0

function allocate(cluster: Cluster, node: Node, taken: Set<string>, { memory }: ReconcileContext): readonly Change[] {
  const podCIDRs = cluster.settings.podCidrs.flatMap((cidr) => {
    const block = nextBlock(cidr, taken, memory.lastIp(`blocks of ${cidr}`))
    if (block === undefined) return []
    memory.reserve(`blocks of ${cidr}`, block)
    taken.add(block)
    return block
  })
  const [podCIDR] = podCIDRs
  if (podCIDR === undefined) return []
  return [update<Node>({ ...node, spec: { ...node.spec, podCIDR, podCIDRs } }, because('pod-cidrs', { cidrs: podCIDRs.join(' and ') }))]
}

/** The next block, or undefined if the cluster's CIDR is used up or no CIDR. */
function nextBlock(cidr: string, taken: ReadonlySet<string>, last: string | undefined): string | undefined {
  const network = parseCidr(cidr)
  if (!network) return undefined
  const prefix = Math.max(network.prefix, network.family === 'IPv4' ? 24 : 64)
  const size = 1n << BigInt((network.family === 'IPv4' ? 32 : 128) - prefix)
  const count = (network.last - network.first + 1n) / size
  const block = (index: bigint) => `${ipIn(network, (index % count) * size)}/${prefix}`
  const indexOf = (text: string) => {
    const known = parseCidr(text)
    return known && known.first >= network.first && known.last <= network.last ? (known.first - network.first) / size : undefined
  }
  // Who gave the first ones did so in this order too: the cursor stands after the highest.
  const used = [...taken].flatMap((text) => indexOf(text) ?? [])
  const highest = used.reduce((most, index) => (index > most ? index : most), -1n)
  const start = ((last === undefined ? undefined : indexOf(last)) ?? highest) + 1n
  for (let tried = 0n; tried < count && tried <= BigInt(taken.size); tried++) {
    const candidate = block(start + tried)
    if (!taken.has(candidate)) return candidate
  }
  return undefined
}
