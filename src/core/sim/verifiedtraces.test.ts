import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import { liveConnections } from '../kernel/conntrack.ts'
import { freshKernel } from '../kernel/kernel.ts'
import type { ModeId } from '../kernel/program.ts'
import { worldCluster } from '../testing/worlds.ts'
import { networkOf, vethOf } from '../trace/network.ts'
import { printPacket } from '../trace/print.ts'
import type { RequestTrace } from '../trace/trace.ts'
import { sendRequest } from './send.ts'
import { type World, worldOf } from './world.ts'

/** Real connections of a two-node lab, hop by hop, with what conntrack held afterwards. */
type Flow = { readonly original: string; readonly reply: string }
type Recorded = {
  readonly id: string
  readonly mode: ModeId
  readonly config: string
  readonly from: string
  readonly to: string
  readonly ok: boolean
  readonly error?: string
  readonly hops: readonly string[]
  readonly conntrack?: Readonly<Record<string, readonly Flow[]>>
  readonly clientSees?: { readonly local: string; readonly remote: string }
  readonly server?: string
}
type Config = {
  readonly id: string
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
  readonly options: object
}

const file = readFileSync(`${import.meta.dirname}/../testing/vectors/kernel-verified-traces.json.gz`)
const { configs, vectors } = JSON.parse(gunzipSync(file).toString()) as { configs: readonly Config[]; vectors: readonly Recorded[] }

const PODS = { a1: ['10.180.0.1', 'nA'], a2: ['10.180.0.2', 'nA'], b1: ['10.180.1.1', 'nB'] } as const

function labOf(config: Config, mode: ModeId): Cluster {
  const services = config.services.map((service) => {
    const { spec } = service as ApiObject & { readonly spec: { readonly clusterIP: string } }
    return { ...service, spec: { type: 'ClusterIP', clusterIPs: [spec.clusterIP], externalTrafficPolicy: 'Cluster', ...spec } } as ApiObject
  })
  const world = {
    nodes: [
      { name: 'nA', ip: '192.168.0.2', podCIDR: '10.180.0.0/24' },
      { name: 'nB', ip: '192.168.0.3', podCIDR: '10.180.1.0/24' },
    ],
    services,
    endpointSlices: config.endpointSlices,
    options: { clusterCIDR: '10.0.0.0/8', serviceCIDRs: ['172.30.0.0/16'], randomFully: false, ...config.options },
  }
  const pods = Object.entries(PODS).map(([name, [ip, nodeName]]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'lab' },
    spec: { nodeName, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  }))
  const client = { apiVersion: 'kubehop.dev/v1', kind: 'Client', metadata: { name: 'cl' }, spec: { ip: '203.0.113.2' } }
  const cluster = store(worldCluster(world), [...pods, client] as ApiObject[])
  return { ...cluster, settings: { ...cluster.settings, mode } }
}

const SERVICE_PORTS = new Set(['80', '81', '30080'])
/** Ports that a client or SNAT picked are all one to the comparison. */
const anyPort = (text: string) =>
  text.replace(/:(CPORT|RPORT|\d+)\b/g, (whole, port: string) => (SERVICE_PORTS.has(port) ? whole : ':PORT'))

/** What tcpdump saw, in the recording's words: one line a packet at an interface; loopback and retransmissions left out. */
function seenOnWires(trace: RequestTrace, cluster: Cluster): readonly string[] {
  const veths = new Map([...networkOf(cluster).pods.keys()].map((name) => [vethOf(name), `v-${name.slice('lab/'.length)}`]))
  const lines: string[] = []
  for (const { place, steps } of [...trace.hops, ...(trace.reply?.hops ?? [])]) {
    const at = place.name.replace('lab/', '')
    for (const step of steps) {
      if (step.step !== 'enter' && step.step !== 'exit') continue
      // A packet that goes to the gateway is seen by nobody: it does not exist there.
      if (step.step === 'exit' && step.next.at === 'internet') continue
      if (place.at === 'load-balancer') continue
      const packet = printPacket(step.packet)
        .replace(/^(TCP|ICMP) /, '')
        .replace(/ (SYN|SYN-ACK|RST)$/, '')
      const said = step.packet.protocol === 'ICMP' ? `${step.packet.src} > ${step.packet.dst} ICMP` : packet
      lines.push(`${at} ${veths.get(step.interface) ?? step.interface} ${step.step === 'enter' ? 'In' : 'Out'} ${anyPort(said)}`)
    }
  }
  return lines
}

/** kern-041 and 126: the client resets the answer of somebody it never dialled; that packet is no part of the request or its answer. */
const RESETS = new Set(['a2 eth0 Out 10.180.0.2 > 10.180.0.1:80', 'nA v-a2 In 10.180.0.2 > 10.180.0.1:80'])

function recordedOnWires(hops: readonly string[]): readonly string[] {
  const lines = hops
    .filter((line) => !/^\S+ lo /.test(line) && !line.startsWith('…') && !RESETS.has(line.replace(/:CPORT/, '')))
    .map((line) => anyPort(line.replace(/ ICMP .*$/, ' ICMP')))
  return [...new Set(lines)]
}

function tracked(world: World, node: string): readonly string[] {
  const kernel = world.kernels.get(node) ?? freshKernel
  return liveConnections(kernel.conntrack, world.now)
    .map(({ original, reply }) => {
      const end = (ip: string, port: number) => `${ip}:${port}`
      const line = (tuple: typeof original) => `${end(tuple.src, tuple.sport)} -> ${end(tuple.dst, tuple.dport)}`
      return anyPort(`${line(original)} / ${line(reply)}`)
    })
    .sort()
}

/** Why a recorded timeout or error is what we say. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'TimeoutError: timed out': ['TIMEOUT', 'DROPPED', 'DROPPED_NO_LOCAL_ENDPOINTS', 'DROPPED_SOURCE_RANGE', 'LEFT_CLUSTER'],
  'TimeoutError: timed out (packet left the node)': ['LEFT_CLUSTER'],
  'OSError: [Errno 113] No route to host': ['LEFT_CLUSTER'],
  'OSError: [Errno 113] No route to host (packet left the node)': ['LEFT_CLUSTER'],
  'ConnectionRefusedError: [Errno 111] Connection refused': ['REFUSED', 'REJECTED', 'REJECTED_NO_ENDPOINTS'],
}

/** The lab reached LB and external IPs through static routes by way of nA. */
const ROUTED = /^(1\.2\.3\.4|192\.168\.99\.22|172\.30\.)/

test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_id, vector) => {
  const config = configs.find(({ id }) => id === vector.config)
  if (!config) throw new Error(`no config ${vector.config}`)
  const cluster = labOf(config, vector.mode)
  const [kind, name = ''] = vector.from.split(' ')
  const from = kind === 'pod' ? `pod/lab/${name}` : kind === 'node' ? `node/${name}` : 'client/cl'
  const via = kind === 'external' && ROUTED.test(vector.to) ? { via: 'nA' } : {}
  const sent = sendRequest(worldOf(cluster, { seed: 3, mode: vector.mode }), { from, to: vector.to, ...via }, { all: false })
  if (typeof sent === 'string') throw new Error(sent)
  const [trace] = sent.traces
  if (!trace) throw new Error('no trace')
  if (vector.ok) expect(trace.verdict.code).toBe('DELIVERED')
  else expect(EXPECTED[vector.error ?? '']).toContain(trace.verdict.code)
  if (vector.server) {
    const [who, source, own] = vector.server.split(' ')
    expect(trace.backend?.pod).toBe(who)
    expect(trace.seenSource).toBe(source?.split(':')[0])
    expect(`${trace.backend?.ip}:${trace.backend?.port}`).toBe(own)
  }
  if (vector.hops.length > 0 && !vector.error?.includes('No route')) {
    const icmp = vector.hops.some((line) => / lo In .* ICMP/.test(line))
    if (!icmp) expect([...new Set(seenOnWires(trace, cluster))].sort()).toEqual([...recordedOnWires(vector.hops)].sort())
  }
  if (vector.ok) {
    for (const [node, flows] of Object.entries(vector.conntrack ?? {})) {
      expect(tracked(sent.world, node)).toEqual(flows.map(({ original, reply }) => anyPort(`${original} / ${reply}`)).sort())
    }
  }
})
