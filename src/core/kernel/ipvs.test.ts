import { describe, expect, test } from 'vitest'
import { trieEntries, trieGet } from '../base/trie.ts'
import { type Chooser, everyWay } from './chance.ts'
import { liveConnections, tupleOf } from './conntrack.ts'
import { passHost } from './host.ts'
import { ipvsIn, ipvsOut } from './ipvs.ts'
import { withoutEnded } from './ipvsconns.ts'
import { printIpvsConnections, printIpvsStates, printIpvsTable } from './ipvsprint.ts'
import { agedIpvs, programIpvs } from './ipvsstage.ts'
import { emptyIpvs, type IpvsState, NO_LOAD, placeOf } from './ipvsstate.ts'
import { syncIpvs } from './ipvssync.ts'
import { freshKernel, type NodeKernel } from './kernel.ts'
import type { Packet, Protocol } from './packet.ts'
import type { NodeProgram, SchedulerName, VirtualServer } from './program.ts'

const never: Chooser = () => {
  throw new Error('a kernel throws no dice')
}
const VIP = '10.96.0.10'
const MINUTE = 60_000

/** A virtual server whose real servers are 10.244.1.N:8080. */
function virtual(hosts: readonly number[], rest: Partial<VirtualServer> = {}): VirtualServer {
  const realServers = hosts.map((host) => ({ ip: `10.244.1.${host}`, port: 8080, weight: 1 }))
  return { address: VIP, port: 80, protocol: 'TCP', scheduler: 'rr', flags: 0, timeout: 0, realServers, ...rest }
}

/** One host's ipvs with a clock: packets go in by client port, and the last number of the real server's address comes out. */
class Bench {
  state: IpvsState = emptyIpvs
  now = 0
  private readonly protocol: Protocol
  constructor(protocol: Protocol = 'TCP') {
    this.protocol = protocol
  }

  program(...servers: readonly VirtualServer[]): this {
    this.state = syncIpvs(this.state, servers, this.now)
    return this
  }

  wait(millis: number): this {
    this.now += millis
    return this
  }

  packet(sport: number, flags: Packet['flags'], src: string): Packet {
    return { family: 'IPv4', protocol: this.protocol, src, sport, dst: VIP, dport: 80, ...(flags ? { flags } : {}), ttl: 64, mark: 0 }
  }

  send(sport: number, flags: Packet['flags'] = 'SYN', { src = '10.244.2.9', tracked = flags !== 'SYN' } = {}): number | string {
    const answer = ipvsIn(this.state, this.packet(sport, flags, src), { now: this.now, choose: never, tracked })
    this.state = answer.state
    return answer.ipvs === 'forward' ? Number(answer.to.ip.split('.')[3]) : answer.ipvs
  }

  reply(sport: number, flags: Packet['flags'], src = '10.244.2.9'): string | undefined {
    const original = tupleOf(this.packet(sport, 'ACK', src))
    const answer = ipvsOut(this.state, original, { ...this.packet(sport, flags, src), flags: flags ?? 'ACK' }, this.now)
    if (answer) this.state = answer.state
    return answer && `${answer.from.ip}:${answer.from.port}`
  }

  load(host: number): string {
    const service = trieGet(withoutEnded(this.state, this.now).services, `${this.protocol} ${VIP}:80`)
    const place = service && placeOf(service, { ip: `10.244.1.${host}`, port: 8080 })
    const { active, inactive } = service?.loads[place ?? -1] ?? NO_LOAD
    return `${active}+${inactive}`
  }

  weights(): string {
    const service = trieGet(this.state.services, `${this.protocol} ${VIP}:80`)
    return (service?.realServers ?? []).map(({ ip, weight }) => `${ip.split('.')[3]}:${weight}`).join(' ')
  }
}

describe('connections', () => {
  test('each new one is scheduled, each later packet follows', () => {
    const bench = new Bench().program(virtual([5, 6]))
    expect([bench.send(1000), bench.send(1001), bench.send(1002)]).toEqual([5, 6, 5])
    expect([bench.send(1001, 'ACK'), bench.send(1000, 'DATA')]).toEqual([6, 5])
  })

  test('an answer gets the virtual address back', () => {
    const bench = new Bench().program(virtual([5]))
    bench.send(1000)
    expect(bench.reply(1000, 'SYN-ACK')).toBe('10.96.0.10:80')
    expect(bench.reply(1001, 'SYN-ACK')).toBeUndefined()
  })

  test('no virtual server, or a packet that opens nothing: the host itself', () => {
    const bench = new Bench().program(virtual([5], { port: 81 }))
    expect(bench.send(1000)).toBe('pass')
    expect(bench.program(virtual([5])).send(1000, 'ACK')).toBe('pass')
  })

  test('a virtual server without usable real servers rejects', () => {
    expect(new Bench().program(virtual([])).send(1000)).toBe('reject')
  })

  test('they are counted as active until somebody says FIN, then as inactive for two minutes', () => {
    const bench = new Bench().program(virtual([5]))
    bench.send(1000)
    expect(bench.load(5)).toBe('1+0')
    bench.reply(1000, 'SYN-ACK')
    bench.send(1000, 'ACK')
    expect(bench.load(5)).toBe('1+0')
    bench.reply(1000, 'FIN')
    expect(bench.load(5)).toBe('0+1')
    bench.send(1000, 'FIN')
    expect(bench.wait(119_999).load(5)).toBe('0+1')
    expect(bench.wait(1).load(5)).toBe('0+0')
  })

  test('UDP ones never count as active, and stay five minutes', () => {
    const bench = new Bench('UDP').program(virtual([5, 6], { protocol: 'UDP' }))
    expect(bench.send(53, undefined)).toBe(5)
    expect(bench.load(5)).toBe('0+1')
    expect(bench.wait(5 * MINUTE - 1).send(53, undefined)).toBe(5)
    expect(bench.wait(5 * MINUTE).send(53, undefined)).toBe(6)
  })

  test('one that is idle for 15 minutes is forgotten, and what comes after meets a closed port', () => {
    const bench = new Bench().program(virtual([5]))
    bench.send(1000)
    bench.send(1000, 'ACK')
    expect(bench.wait(15 * MINUTE - 1).send(1000, 'DATA')).toBe(5)
    expect(bench.wait(15 * MINUTE).send(1000, 'DATA')).toBe('pass')
  })

  test('a client port used again right after the end is scheduled anew', () => {
    const bench = new Bench().program(virtual([5, 6]))
    bench.send(1000)
    bench.reply(1000, 'FIN')
    bench.send(1000, 'FIN')
    expect(bench.send(1000, 'SYN', { tracked: true })).toBe('drop')
    expect(bench.send(1000)).toBe(6)
  })
})

describe('reprogramming', () => {
  test('new endpoints go to the head of the list', () => {
    const bench = new Bench().program(virtual([5, 6]))
    expect(bench.send(1000)).toBe(5)
    bench.program(virtual([4, 5, 6]))
    expect(bench.weights()).toBe('4:1 5:1 6:1')
    // rr goes on after 5, wherever the list has grown.
    expect([bench.send(1001), bench.send(1002), bench.send(1003)]).toEqual([6, 4, 5])
  })

  test('a removed endpoint without connections is deleted; rr steps back to the one before it', () => {
    const bench = new Bench('UDP').program(virtual([4, 5, 6], { protocol: 'UDP' }))
    expect([bench.send(1, undefined), bench.send(2, undefined)]).toEqual([4, 5])
    bench.program(virtual([4, 6], { protocol: 'UDP' }))
    expect(bench.weights()).toBe('4:1 6:1')
    expect(bench.send(3, undefined)).toBe(6)
  })

  test('one with TCP connections keeps them and gets no more, until a check each minute finds it idle', () => {
    const bench = new Bench().program(virtual([5, 6]))
    bench.send(1000)
    bench.send(1000, 'ACK')
    bench.program(virtual([6]))
    expect(bench.weights()).toBe('5:0 6:1')
    expect([bench.send(1001), bench.send(1002)]).toEqual([6, 6])
    expect(bench.send(1000, 'DATA')).toBe(5)
    bench.send(1000, 'FIN')
    bench.reply(1000, 'FIN')
    // TIME_WAIT ends at 120 s; kube-proxy looks at 60, 120, 180 s.
    expect(
      bench
        .wait(119_999)
        .program(virtual([6]))
        .weights(),
    ).toBe('5:0 6:1')
    expect(
      bench
        .wait(1)
        .program(virtual([6]))
        .weights(),
    ).toBe('6:1')
  })

  test('one that comes back while it drains is used again', () => {
    const bench = new Bench().program(virtual([5, 6]))
    bench.send(1000)
    bench.send(1001)
    bench.send(1000, 'ACK')
    bench.program(virtual([5])).program(virtual([5, 6]))
    // Deleted and added again, so at the head; its connections are still there.
    expect(bench.weights()).toBe('6:1 5:1')
    expect(bench.send(1001, 'DATA')).toBe(6)
  })

  test('a server that is deleted takes its connections and templates with it', () => {
    const udp = (hosts: readonly number[], rest: Partial<VirtualServer> = {}) => virtual(hosts, { protocol: 'UDP', ...rest })
    const bench = new Bench('UDP').program(udp([5, 6], { flags: 1, timeout: 600 }))
    expect(bench.send(1, undefined)).toBe(5)
    bench.program(udp([6], { flags: 1, timeout: 600 }))
    expect([...trieEntries(bench.state.connections)]).toEqual([])
    expect(bench.state.templates.size).toBe(0)
    expect(bench.send(1, undefined)).toBe(6)
    bench.program()
    expect([...trieEntries(bench.state.connections)]).toEqual([])
  })

  test('its conntrack entries go too, and those of connections that expire', () => {
    const server = virtual([5, 6], { protocol: 'UDP' })
    const program = (...servers: readonly VirtualServer[]): NodeProgram => ({
      node: 'n',
      mode: 'ipvs',
      families: [{ family: 'IPv4', chains: [], sets: [], maps: [], servers, dummyAddresses: [VIP], routeLocalnet: false }],
    })
    const first = program(server)
    const io = {
      inInterface: 'eth0',
      isLocal: (ip: string) => ip === VIP,
      routeOut: () => 'veth1',
      now: 0,
      choose: never,
      draw: () => 0,
    }
    const bench = new Bench('UDP')
    const sent = passHost(programIpvs(freshKernel, first, 0), first.families[0]!, bench.packet(1, undefined, '10.244.2.9'), io)
    expect(sent.end).toBe('out')
    const left = (kernel: NodeKernel, now: number) => liveConnections(kernel.conntrack, now).length
    expect(left(sent.kernel, 0)).toBe(1)
    expect(left(programIpvs(sent.kernel, program(virtual([6], { protocol: 'UDP' })), 0), 0)).toBe(0)
    const family = { ...program(server).families[0]!, ipvsTimeouts: { tcp: 0, tcpFin: 0, udp: 10 } }
    const brief = passHost(
      programIpvs(freshKernel, { ...first, families: [family] }, 0),
      family,
      bench.packet(1, undefined, '10.244.2.9'),
      io,
    )
    expect(left(agedIpvs(brief.kernel, 9_999), 9_999)).toBe(1)
    expect(left(agedIpvs(brief.kernel, 10_000), 10_000)).toBe(0)
  })
})

describe('timeouts', () => {
  const ends = (state: IpvsState) => [...trieEntries(state.connections)].map(([, { expiresAt }]) => expiresAt / 1000)

  test.each([
    ['the kernel’s own', undefined, [60, 900, 120]],
    ['set for TCP', { tcp: 7200, tcpFin: 0, udp: 0 }, [60, 7200, 120]],
    ['set for FIN_WAIT', { tcp: 0, tcpFin: 20, udp: 0 }, [60, 900, 20]],
  ] as const)('TCP, %s: SYN_RECV, ESTABLISHED, FIN_WAIT', (_, timeouts, expected) => {
    const bench = new Bench()
    bench.state = syncIpvs(emptyIpvs, [virtual([5])], 0, timeouts)
    const seen: number[] = []
    bench.send(1)
    seen.push(...ends(bench.state))
    bench.reply(1, 'SYN-ACK')
    bench.send(1, 'ACK')
    seen.push(...ends(bench.state))
    bench.reply(1, 'FIN')
    seen.push(...ends(bench.state))
    expect(seen).toEqual(expected)
  })

  test('UDP', () => {
    const bench = new Bench('UDP')
    bench.state = syncIpvs(emptyIpvs, [virtual([5], { protocol: 'UDP' })], 0, { udp: 7 })
    bench.send(1, undefined)
    expect(ends(bench.state)).toEqual([7])
    expect(printIpvsStates({ IPv4: bench.state }, 0).at(-1)).toBe('Timeout (tcp tcpfin udp): 900 120 7')
  })
})

test('an SCTP association through its states: only an established one is active', () => {
  const bench = new Bench('SCTP').program(virtual([5], { protocol: 'SCTP' }))
  const now = () => {
    const [[, connection] = []] = [...trieEntries(bench.state.connections)]
    return `${connection?.state} ${bench.load(5)} ${(connection?.expiresAt ?? 0) / 1000}`
  }
  const seen = [
    ['client', 'SYN'],
    ['server', 'SYN-ACK'],
    ['client', 'ACK'],
    ['server', 'ACK'],
    ['client', 'DATA'],
    ['client', 'FIN'],
    ['server', 'FIN'],
    ['client', 'ACK'],
  ].map(([from, flags]) => {
    if (from === 'client') bench.send(1, flags as 'SYN')
    else bench.reply(1, flags as 'SYN')
    return now()
  })
  expect(seen).toEqual([
    'INIT1 0+1 4',
    'C-SENT 0+1 61',
    'C-REPLIED 0+1 61',
    'ESTABLISHED 1+0 900',
    'ESTABLISHED 1+0 900',
    'S-RECEIVED 0+1 61',
    'S-ACK-SENT 0+1 61',
    'CLOSED 0+1 61',
  ])
})

test('lblc keeps a destination for a day after its last use, and until the half-hourly check finds it', () => {
  const bench = new Bench().program(virtual([5, 6], { scheduler: 'lblc' }))
  const kept = () => trieGet(bench.state.services, `TCP ${VIP}:80`)?.memory.kept?.size ?? 0
  const HOUR = 60 * MINUTE
  bench.wait(5 * MINUTE).send(1)
  expect(kept()).toBe(1)
  // Used again at 10:05: not before 34:05, so with the check at 34:30.
  bench.wait(10 * HOUR).send(2)
  expect(bench.wait(24 * HOUR + 24 * MINUTE).program(virtual([5, 6], { scheduler: 'lblc' })) && kept()).toBe(1)
  expect(bench.wait(MINUTE).program(virtual([5, 6], { scheduler: 'lblc' })) && kept()).toBe(0)
})

describe('persistence', () => {
  const sticky = { flags: 1, timeout: 600 }

  test('a client stays with its server for the timeout after its last connection', () => {
    const bench = new Bench('UDP').program(virtual([5, 6], { protocol: 'UDP', ...sticky }))
    expect([bench.send(1, undefined), bench.send(2, undefined)]).toEqual([5, 5])
    const others = ['10.244.2.8', '10.244.2.7'].map((src) => bench.send(3, undefined, { src }))
    expect(others).toEqual([6, 5])
    expect(bench.wait(9 * MINUTE).send(4, undefined)).toBe(5)
    expect(bench.wait(9 * MINUTE).send(5, undefined)).toBe(5)
    expect(bench.wait(10 * MINUTE).send(6, undefined)).toBe(6)
  })

  test('while connections live, the template does', () => {
    const bench = new Bench().program(virtual([5, 6], { flags: 1, timeout: 10 }))
    bench.send(1000)
    bench.send(1000, 'ACK')
    expect(bench.wait(5 * MINUTE).send(1001)).toBe(5)
  })

  test('once it has outlived its time that way, it lasts a minute from each further connection', () => {
    const bench = new Bench('UDP').program(virtual([5, 6], { protocol: 'UDP', flags: 1, timeout: 120 }))
    bench.send(1, undefined)
    bench.wait(3 * MINUTE).send(2, undefined)
    const [[, template] = []] = [...trieEntries(bench.state.templates)]
    expect(template).toMatchObject({ held: true, expiresAt: 4 * MINUTE })
  })

  test('a quiesced server is not remembered', () => {
    const bench = new Bench().program(virtual([5, 6], sticky))
    bench.send(1000)
    bench.program(virtual([6], sticky))
    expect(bench.send(1001)).toBe(6)
  })

  test('each virtual server remembers for itself', () => {
    const bench = new Bench('UDP').program(
      virtual([5, 6], { protocol: 'UDP', ...sticky }),
      virtual([5, 6], { protocol: 'UDP', port: 81, ...sticky }),
    )
    bench.send(1, undefined)
    expect([...trieEntries(bench.state.templates)].map(([name]) => name)).toEqual(['10.244.2.9 > UDP 10.96.0.10:80'])
  })
})

describe('every way', () => {
  const ways = (scheduler: SchedulerName, rest: Partial<VirtualServer> = {}) => {
    const { state, packet } = start(scheduler, rest)
    return everyWay((choose) => {
      const answer = ipvsIn(state, packet, { now: 0, choose, tracked: false })
      return answer.ipvs === 'forward' ? answer.to.ip : answer.ipvs
    }).map(({ probability, value }) => `${value} ${probability.toFixed(3)}`)
  }
  const start = (scheduler: SchedulerName, rest: Partial<VirtualServer>) => {
    const bench = new Bench().program(virtual([5, 6], { scheduler, ...rest }))
    return { state: bench.state, packet: bench.packet(1000, 'SYN', '10.244.2.9') }
  }

  test.each([
    ['rr', ['10.244.1.5 0.500', '10.244.1.6 0.500']],
    ['lc', ['10.244.1.5 0.500', '10.244.1.6 0.500']],
    ['sh', ['10.244.1.5 1.000']],
  ] as const)('%s', (scheduler, expected) => expect(ways(scheduler)).toEqual(expected))

  test('mh with the port hashed', () => expect(ways('mh', { flags: 0x10 })).toEqual(['10.244.1.5 0.500', '10.244.1.6 0.500']))
})

test('tables as ipvsadm shows them', () => {
  const bench = new Bench().program(virtual([5, 6], { flags: 1, timeout: 600 }))
  bench.send(1000)
  expect(printIpvsTable(bench.state, 0)).toEqual([
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    'TCP  10.96.0.10:80 rr persistent 600',
    '  -> 10.244.1.5:8080              Masq    1      1          0',
    '  -> 10.244.1.6:8080              Masq    1      0          0',
  ])
  expect(printIpvsConnections(bench.state, 1000)).toEqual([
    'IPVS connection entries',
    'pro expire state       source             virtual            destination',
    'TCP 00:59  SYN_RECV    10.244.2.9:1000    10.96.0.10:80      10.244.1.5:8080',
    'TCP 09:59  NONE        10.244.2.9:0       10.96.0.10:80      10.244.1.5:8080',
  ])
  bench.reply(1000, 'SYN-ACK')
  bench.send(1000, 'ACK')
  expect(printIpvsConnections(bench.state, 1000).slice(2)).toEqual([
    'TCP 14:59  ESTABLISHED 10.244.2.9:1000    10.96.0.10:80      10.244.1.5:8080',
    'TCP 09:59  ASSURED     10.244.2.9:0       10.96.0.10:80      10.244.1.5:8080',
  ])
})
