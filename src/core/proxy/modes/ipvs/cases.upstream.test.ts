import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../../../api/cluster.ts'
import { type Family, hostPort } from '../../../base/ip.ts'
import { byKey } from '../../../base/order.ts'
import { emptyTrie, trieEntries, trieGet, trieSetAll } from '../../../base/trie.ts'
import type { Tuple } from '../../../kernel/conntrack.ts'
import { putConnection } from '../../../kernel/ipvsconns.ts'
import { emptyIpvs, type IpvsConnection, type IpvsState } from '../../../kernel/ipvsstate.ts'
import { syncIpvs } from '../../../kernel/ipvssync.ts'
import type { FamilyProgram, Rule, VirtualServer } from '../../../kernel/program.ts'
import {
  readUpstream,
  UPSTREAM_NODE,
  type UpstreamCase,
  type UpstreamOptions,
  upstreamCluster,
  upstreamFolder,
} from '../../../testing/upstream.ts'
import { worldCluster } from '../../../testing/worlds.ts'
import { type ProxyView, proxyViewsOf } from '../../view.ts'
import { print as printIptables } from '../iptables/print.ts'
import { compileIpvs } from './compile.ts'
import { memberText } from './sets.ts'

type Server = {
  readonly address: string
  readonly port: number
  readonly protocol: string
  readonly scheduler: string
  readonly flags?: number
  readonly timeout?: number
  readonly realServers?: readonly { readonly address: string; readonly port: number; readonly weight: number }[]
}
type Case = UpstreamCase & {
  readonly steps?: readonly { readonly services: readonly ApiObject[]; readonly 'kube-ipvs0': readonly string[] }[]
  readonly cases?: readonly {
    readonly protocol: 'TCP' | 'UDP' | 'SCTP'
    readonly activeConn: number
    readonly inactiveConn: number
    readonly result: string
  }[]
  readonly expected?: {
    readonly virtualServers?: readonly Server[]
    readonly ipsets?: Readonly<Record<string, readonly string[]>>
    readonly iptablesChains?: Readonly<
      Record<string, readonly { readonly jump: string; readonly matchSet?: string; readonly sourceAddress?: string }[]>
    >
  }
  readonly derivedFullState?: FullState
}
type FullState = {
  readonly virtualServers: readonly Server[]
  readonly ipsets: Readonly<Record<string, readonly string[]>>
  readonly boundAddresses: readonly string[]
  readonly nat: readonly string[]
  readonly filter: readonly string[]
}
type File = {
  readonly ipsetCatalogue: readonly { readonly name: string; readonly nameIPv6: string; readonly type: string; readonly comment: string }[]
  readonly vectors: readonly Case[]
}

/** The ipvs tests' fixture: no local detector, no node IP unless given, the node's addresses as the case says. */
function viewOf(options: UpstreamOptions, services: readonly ApiObject[], endpointSlices: readonly ApiObject[]): ProxyView {
  const family = options.ipFamily ?? 'IPv4'
  const standIn = family === 'IPv4' ? '192.0.2.1' : '2001:db8:ffff::1'
  const addresses = options.interfaceAddresses ?? options.nodeAddresses ?? []
  const cluster = worldCluster({
    nodes: [
      {
        name: UPSTREAM_NODE,
        ip: standIn,
        interfaces: [{ name: 'eth0', addrs: addresses }],
        ...(options.zone ? { zone: options.zone } : {}),
      },
    ],
    services,
    endpointSlices,
    options: { randomFully: false, ...(options.nodePortAddresses ? { nodePortAddresses: options.nodePortAddresses } : {}) },
  })
  const { nodeIp: _, ...view } = proxyViewsOf(cluster, UPSTREAM_NODE, 'ipvs')[0]!
  return options.nodeIP === undefined ? view : { ...view, nodeIp: options.nodeIP }
}

const serverKey = ({ protocol, address, port }: Server) => `${protocol} ${address} ${port}`

function plain({ flags, timeout, realServers, ...rest }: Server): unknown {
  return {
    ...rest,
    flags: flags ?? 0,
    timeout: timeout ?? 0,
    realServers: [...(realServers ?? [])].sort(byKey(({ address, port }) => hostPort(address, port))),
  }
}

const serversOf = (servers: readonly Server[]) => [...servers].sort(byKey(serverKey)).map(plain)

function programmed({ servers }: FamilyProgram): readonly unknown[] {
  return serversOf(
    servers.map(({ address, port, protocol, scheduler, flags, timeout, realServers }: VirtualServer) => ({
      address,
      port,
      protocol,
      scheduler,
      flags,
      timeout,
      realServers: realServers.map((real) => ({ address: real.ip, port: real.port, weight: real.weight })),
    })),
  )
}

/** The tests build their sets without the IPv6 prefix. */
const testName = (name: string) => name.replace(/^KUBE-6-/, 'KUBE-')

function setsOf({ sets }: FamilyProgram): Record<string, readonly string[]> {
  return Object.fromEntries(sets.map((set) => [testName(set.name), set.elements.map(({ key }) => memberText(key)).sort()]))
}

function chainSummary(rules: readonly Rule[]) {
  return rules.map(({ matches, verdict }) => {
    const set = matches.find((match) => match.match === 'set')
    const source = matches.find((match) => match.match === 'src' && !match.not)
    const jump = verdict ? ('chain' in verdict ? verdict.chain : verdict.verdict.toUpperCase()) : undefined
    return {
      jump,
      ...(set?.match === 'set' ? { matchSet: testName(set.set) } : {}),
      ...(source?.match === 'src' ? { sourceAddress: source.in[0] } : {}),
    }
  })
}

function tableRules(program: FamilyProgram, table: string): readonly string[] {
  const lines = printIptables(program).map((line) => line.text)
  const start = lines.indexOf(`*${table}`)
  const own = lines.slice(start, lines.indexOf('COMMIT', start))
  const builtIn = /^-A (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) /
  return own
    .filter((line) => line.startsWith('-A ') && !builtIn.test(line))
    .map((line) => testName(line.replaceAll('0x00004000', '0x004000')).replaceAll('KUBE-6-', 'KUBE-'))
}

const byChain = (rules: readonly string[]) => [...rules].sort(byKey((rule) => rule.split(' ')[1] ?? ''))

function expectState(program: FamilyProgram, full: FullState): void {
  expect(programmed(program)).toEqual(serversOf(full.virtualServers))
  const filled = Object.fromEntries(Object.entries(setsOf(program)).filter(([, members]) => members.length > 0))
  expect(filled).toEqual(Object.fromEntries(Object.entries(full.ipsets).map(([name, members]) => [name, [...members].sort()])))
  expect(program.dummyAddresses).toEqual([...full.boundAddresses].sort())
  expect(byChain(tableRules(program, 'nat'))).toEqual(byChain(full.nat))
  expect(byChain(tableRules(program, 'filter'))).toEqual(byChain(full.filter))
}

describe.runIf(upstreamFolder)('extra worlds, derived', () => {
  const file = upstreamFolder && readFileSync(join(upstreamFolder, 'recorded', 'kube-proxy', 'derived-rulesets.json'), 'utf8')
  const { extraScenarios } = (file ? JSON.parse(file) : { extraScenarios: [] }) as {
    readonly extraScenarios: readonly (UpstreamCase & { readonly ipvs: FullState })[]
  }

  test('all are there', () => expect(extraScenarios.length).toBe(12))

  test.each(extraScenarios.map((each) => [each.id, each] as const))('%s', (_id, each) => {
    const [view] = proxyViewsOf(upstreamCluster(each, 'ipvs'), UPSTREAM_NODE, 'ipvs')
    // These were made on a node without the third address of the packet-flow fixture.
    const interfaceAddresses = view!.interfaceAddresses.filter((ip) => ip !== '192.168.99.11')
    expectState(compileIpvs({ ...view!, interfaceAddresses }), each.ipvs)
  })
})

describe.runIf(upstreamFolder)("kube-proxy's own ipvs tests", () => {
  const { vectors, ipsetCatalogue } = upstreamFolder ? (readUpstream('ipvs.json') as File) : { vectors: [], ipsetCatalogue: [] }

  test('all vectors are there', () => expect(vectors.length).toBe(38))

  test.each([...ipsetCatalogue].map((set) => [set.name, set] as const))('set %s: names, type and comment', (name, set) => {
    const at = (family: Family) => {
      const index = ipsetCatalogue.findIndex((each) => each.name === name)
      const view = viewOf({ ipFamily: family }, [], [])
      const found = compileIpvs(view).sets
      expect(found.length).toBe(ipsetCatalogue.length)
      return found.find((each) => each.comment === set.comment) ?? found[index]
    }
    expect(at('IPv4')).toMatchObject({ name: set.name, type: set.type, comment: set.comment })
    expect(at('IPv6')).toMatchObject({ name: set.nameIPv6, type: set.type, comment: set.comment })
  })

  test.each(vectors.filter((each) => each.expected && each.derivedFullState).map((each) => [each.id, each] as const))('%s', (_id, each) => {
    const program = compileIpvs(viewOf(each.proxyOptions ?? {}, each.services, each.endpointSlices))
    const { expected, derivedFullState: full } = each
    if (expected?.virtualServers) expect(programmed(program)).toMatchObject(serversOf(expected.virtualServers))
    for (const [name, members] of Object.entries(expected?.ipsets ?? {})) expect(setsOf(program)[name]).toEqual([...members].sort())
    for (const [name, rules] of Object.entries(expected?.iptablesChains ?? {})) {
      // The tests' fake iptables puts chains of one name together, whatever their table.
      const own = program.chains.filter((candidate) => candidate.name === name).flatMap((candidate) => candidate.rules)
      expect(chainSummary(own)).toEqual(
        rules.map(({ jump, matchSet, sourceAddress }) => ({
          jump,
          ...(matchSet ? { matchSet } : {}),
          ...(sourceAddress ? { sourceAddress } : {}),
        })),
      )
    }
    if (full) expectState(program, full)
  })

  test('ipvs-036: a first sync sets weights back to 1', () => {
    const each = vectors.find(({ id }) => id === 'ipvs-036')!
    const { servers } = compileIpvs(viewOf(each.proxyOptions ?? {}, each.services, each.endpointSlices))
    const left = syncIpvs(emptyIpvs, servers, 0)
    const quiesced: IpvsState = {
      ...left,
      programmed: [],
      services: trieSetAll(
        emptyTrie,
        [...trieEntries(left.services)].map(([name, service]) => [
          name,
          { ...service, realServers: service.realServers.map((real) => ({ ...real, weight: 0 })) },
        ]),
      ),
    }
    expect(
      [...trieEntries(syncIpvs(quiesced, servers, 1000).services)].flatMap(([, { realServers }]) =>
        realServers.map(({ weight }) => weight),
      ),
    ).toEqual([1])
  })

  test('ipvs-037: an address stays bound while any port needs it', () => {
    const each = vectors.find(({ id }) => id === 'ipvs-037')!
    for (const step of each.steps ?? []) {
      expect(compileIpvs(viewOf(each.proxyOptions ?? {}, step.services, [])).dummyAddresses).toEqual(step['kube-ipvs0'])
    }
    expect(each.steps?.length).toBe(4)
  })

  test('ipvs-038: which removed real servers are drained', () => {
    const each = vectors.find(({ id }) => id === 'ipvs-038')!
    for (const { protocol, activeConn, inactiveConn, result } of each.cases ?? []) {
      const server: VirtualServer = {
        address: '10.0.0.1',
        port: 80,
        protocol,
        scheduler: 'rr',
        flags: 0,
        timeout: 0,
        realServers: [{ ip: '10.1.0.1', port: 80, weight: 1 }],
      }
      const before = syncIpvs(emptyIpvs, [server], 0)
      const connection = (port: number, active: boolean): [Tuple, IpvsConnection] => [
        { protocol, src: '10.2.0.1', sport: port, dst: '10.0.0.1', dport: 80 },
        {
          service: `${protocol} 10.0.0.1:80`,
          protocol,
          client: { ip: '10.2.0.1', port },
          virtual: { ip: '10.0.0.1', port: 80 },
          real: { ip: '10.1.0.1', port: 80 },
          active,
          expiresAt: 900_000,
        },
      ]
      const open = [
        ...Array.from({ length: activeConn }, (_, i) => connection(i, true)),
        ...Array.from({ length: inactiveConn }, (_, i) => connection(100 + i, false)),
      ]
      const busy = open.reduce((state, [tuple, value]) => putConnection(state, tuple, undefined, value), before)
      const after = syncIpvs(busy, [{ ...server, realServers: [] }], 1000)
      const weights = trieGet(after.services, `${protocol} 10.0.0.1:80`)?.realServers.map(({ weight }) => weight)
      expect(weights, result).toEqual(/deleted at once/.test(result) ? [] : [0])
    }
    expect(each.cases?.length).toBe(5)
  })
})
