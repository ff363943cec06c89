import type { Heap } from '../base/heap.ts'
import { type Family, hostPort, type Ip } from '../base/ip.ts'
import { emptyTrie, type Trie } from '../base/trie.ts'
import { noTuples, type Tuple } from './conntrack.ts'
import type { IpvsConnectionState, IpvsTimeouts } from './ipvstcp.ts'
import type { Protocol } from './packet.ts'
import type { Target, VirtualServer } from './program.ts'

/** A real server of one virtual server, as the kernel keeps it. */
export type RealServer = {
  readonly ip: Ip
  readonly port: number
  /** 0: quiesced. It keeps its connections and gets no new one. */
  readonly weight: number
  /** The last weight above 0: what `mh` fills its table by. */
  readonly lastWeight: number
  /** When it was quiesced because its endpoint went away while connections were open. */
  readonly drainedAt?: number
}

/** What the scheduler of one virtual server remembers between connections. Real servers are named `ip:port`. */
export type SchedulerMemory = {
  /** rr, wrr: the one chosen last; absent at the list's head. */
  readonly last?: string
  /** wrr: the weight that a server must have in the present round. */
  readonly round?: number
  /**
   * lblc, lblcr: the servers that a destination address is kept on, newest first; when that set changed, and when it was last asked. The
   * kernel's table holds 16,384 addresses before it throws out any that were not asked for six minutes; a virtual server has only one.
   */
  readonly kept?: ReadonlyMap<Ip, { readonly servers: readonly string[]; readonly changedAt: number; readonly usedAt: number }>
}

/** The open connections of a real server, as the kernel counts them (`activeconns`, `inactconns`). */
export type Load = { readonly active: number; readonly inactive: number }
/** A real server without connections. */
export const NO_LOAD: Load = { active: 0, inactive: 0 }

export type ServiceState = {
  readonly server: VirtualServer
  /** In the kernel's list order: newest first. */
  readonly realServers: readonly RealServer[]
  /** Of each real server, in the list's order. */
  readonly loads: readonly Load[]
  readonly memory: SchedulerMemory
  /** When it was added: its scheduler's housekeeping counts from there. */
  readonly since: number
}

/** One entry of `ipvsadm -Lnc`. */
export type IpvsConnection = {
  readonly service: string
  readonly protocol: Protocol
  readonly client: Target
  readonly virtual: Target
  readonly real: Target
  readonly state?: IpvsConnectionState | undefined
  /** Counts as ActiveConn of its real server; otherwise as InActConn. */
  readonly active: boolean
  readonly expiresAt: number
  /** The persistence template that it was made from. */
  readonly template?: TemplateId | undefined
  /** When the state's queue comes to it: then, or earlier, it expires. */
  readonly queuedAt?: number | undefined
}

/** A template by its client and virtual server; the serial tells it from one that had the place before. */
export type TemplateId = { readonly name: string; readonly serial: number }

/** A client that stays with its real server (`-p`): made by the first connection, renewed by every further one. */
export type Template = {
  readonly service: string
  readonly client: Ip
  readonly real: Target
  /** Its timer: it goes then unless connections made from it live. */
  readonly expiresAt: number
  /** A connection made from it has been established; UDP: answered. */
  readonly assured: boolean
  /** Its time had run out while connections made from it lived on: since then it lasts a minute at a time. */
  readonly held: boolean
  readonly serial: number
  /** Open connections that were made from it (`n_control`). */
  readonly controls: number
  readonly queuedAt: number
}

/** What ipvs or kube-proxy looks at by itself at a certain time. */
export type Check =
  | { readonly check: 'template'; readonly template: TemplateId }
  /** Whether real servers of a service that are drained since a moment are idle. */
  | { readonly check: 'drained'; readonly service: string; readonly since: number }
  /** lblc, lblcr: whether what is kept is out of date. */
  | { readonly check: 'kept'; readonly service: string }

/** All that ipvs keeps on one host in one IP family: an immutable value. Times are virtual milliseconds. */
export type IpvsState = {
  /** The programmed list that this state was last brought in line with. */
  readonly programmed: readonly VirtualServer[]
  readonly services: Trie<ServiceState>
  /** By the tuple that the client sent, as conntrack has it. */
  readonly connections: Trie<IpvsConnection, Tuple>
  readonly templates: Trie<Template>
  readonly nextTemplate: number
  readonly timeouts: IpvsTimeouts
  /** Each connection is in it once at its `queuedAt`; what else it holds is out of date. */
  readonly ends: Heap<Tuple>
  readonly checks: Heap<Check>
}

/** One host's ipvs; a family without virtual servers has no state. */
export type IpvsStates = { readonly [family in Family]?: IpvsState | undefined }

/** ipvs before anything was programmed. */
export const emptyIpvs: IpvsState = {
  programmed: [],
  services: emptyTrie,
  connections: noTuples,
  templates: emptyTrie,
  nextTemplate: 1,
  timeouts: {},
  ends: undefined,
  checks: undefined,
}

/** A state of these parts; the others stay. Written out, as for packets: every state has one layout. */
export function withTables(
  { programmed, nextTemplate, timeouts, checks }: IpvsState,
  services: IpvsState['services'],
  connections: IpvsState['connections'],
  templates: IpvsState['templates'],
  ends: IpvsState['ends'],
): IpvsState {
  return { programmed, services, connections, templates, nextTemplate, timeouts, ends, checks }
}

/** A virtual server's name: `TCP 10.96.0.1:443`. */
export function serviceName(protocol: Protocol, address: Ip, port: number): string {
  return `${protocol} ${hostPort(address, port)}`
}

/** `10.244.1.5:8080`. */
export function targetName({ ip, port }: Target): string {
  return hostPort(ip, port)
}

const places = new WeakMap<readonly RealServer[], ReadonlyMap<string, number>>()

/** A list that is gone through faster than a name is made and looked up. */
const SHORT = 16

/** A real server's place in a service's list; undefined if it is not there. Lists are immutable values: a long one gets an index. */
export function placeOf({ realServers }: ServiceState, real: Target): number | undefined {
  if (realServers.length > SHORT) return placeNamed(realServers, targetName(real))
  for (let place = 0; place < realServers.length; place++) {
    const { ip, port } = realServers[place]!
    if (port === real.port && ip === real.ip) return place
  }
  return undefined
}

/** The same, by name. */
export function placeNamed(realServers: readonly RealServer[], name: string): number | undefined {
  let known = places.get(realServers)
  if (!known) {
    known = new Map(realServers.map((real, place) => [targetName(real), place]))
    places.set(realServers, known)
  }
  return known.get(name)
}
