import { type Family, hostPort, type Ip } from '../base/ip.ts'
import { emptyTrie, type Trie, trieEntries } from '../base/trie.ts'
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

export type ServiceState = {
  readonly server: VirtualServer
  /** In the kernel's list order: newest first. */
  readonly realServers: readonly RealServer[]
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
  readonly state?: IpvsConnectionState
  /** Counts as ActiveConn of its real server; otherwise as InActConn. */
  readonly active: boolean
  readonly expiresAt: number
  /** The persistence template that it was made from. */
  readonly template?: string
}

/** A client that stays with its real server (`-p`): made by the first connection, renewed by every further one. */
export type Template = {
  readonly service: string
  readonly client: Ip
  readonly real: Target
  readonly expiresAt: number
  /** A connection made from it has been established; UDP: answered. */
  readonly assured: boolean
  /** Its time had run out while connections made from it lived on: since then it lasts a minute at a time. */
  readonly held?: true
}

/** All that ipvs keeps on one host in one IP family: an immutable value. Times are virtual milliseconds. */
export type IpvsState = {
  /** The programmed list that this state was last brought in line with. */
  readonly programmed: readonly VirtualServer[]
  readonly services: ReadonlyMap<string, ServiceState>
  /** By the tuple that the client sent, as conntrack names it. */
  readonly connections: Trie<IpvsConnection>
  readonly templates: ReadonlyMap<string, Template>
  readonly timeouts: IpvsTimeouts
  /** Nothing expires before. */
  readonly nextCheck: number
}

/** One host's ipvs; a family without virtual servers has no state. */
export type IpvsStates = { readonly [family in Family]?: IpvsState }

/** ipvs before anything was programmed. */
export const emptyIpvs: IpvsState = {
  programmed: [],
  services: new Map(),
  connections: emptyTrie,
  templates: new Map(),
  timeouts: {},
  nextCheck: Number.POSITIVE_INFINITY,
}

/** A virtual server's name: `TCP 10.96.0.1:443`. */
export function serviceName(protocol: Protocol, address: Ip, port: number): string {
  return `${protocol} ${hostPort(address, port)}`
}

/** `10.244.1.5:8080`. */
export function targetName({ ip, port }: Target): string {
  return hostPort(ip, port)
}

export type Load = { readonly active: number; readonly inactive: number }
/** A real server without connections. */
export const NO_LOAD: Load = { active: 0, inactive: 0 }

/** The open connections of each real server of a service, by name. */
export function loadsOf(state: IpvsState, service: string, now: number): ReadonlyMap<string, Load> {
  const loads = new Map<string, Load>()
  for (const [, connection] of trieEntries(state.connections)) {
    if (connection.service !== service || connection.expiresAt <= now) continue
    const name = targetName(connection.real)
    const { active, inactive } = loads.get(name) ?? NO_LOAD
    loads.set(name, connection.active ? { active: active + 1, inactive } : { active, inactive: inactive + 1 })
  }
  return loads
}
