import { trieEntries, trieGet } from '../base/trie.ts'
import { withoutEnded } from './ipvsconns.ts'
import { type IpvsState, type IpvsStates, NO_LOAD, type ServiceState, serviceName, targetName } from './ipvsstate.ts'
import { timeoutsInForce } from './ipvstcp.ts'
import { PERSISTENT } from './program.ts'

/** What a host's ipvs remembers, as `ipvsadm -Ln`, `-Lnc` and `-L --timeout` show it; nothing where no virtual server was ever programmed. */
export function printIpvsStates(states: IpvsStates, now: number): readonly string[] {
  const known = [states.IPv4, states.IPv6].filter((state) => state !== undefined)
  const [first] = known
  if (!first) return []
  const { tcp, tcpFin, udp } = timeoutsInForce(first.timeouts)
  const tables = known.flatMap((state) => [...printIpvsTable(state, now), ...printIpvsConnections(state, now)])
  return [...tables, `Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}`]
}

/** `ipvsadm -Ln`: the virtual servers with the weights and open connections of their real servers. */
export function printIpvsTable(state: IpvsState, now: number): readonly string[] {
  const lines = ['Prot LocalAddress:Port Scheduler Flags', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn']
  for (const [name, { server, realServers, loads }] of servicesOf(withoutEnded(state, now))) {
    const persistence = server.flags & PERSISTENT ? ` persistent ${server.timeout}` : ''
    lines.push(`${name.replace(' ', '  ')} ${server.scheduler}${persistence}`)
    for (const [place, real] of realServers.entries()) {
      const { active, inactive } = loads[place] ?? NO_LOAD
      const counts = `${String(real.weight).padEnd(6)} ${String(active).padEnd(10)} ${inactive}`
      lines.push(`  -> ${targetName(real).padEnd(28)} Masq    ${counts}`)
    }
  }
  return lines
}

/** In the order in which kube-proxy programs them. */
function servicesOf({ programmed, services }: IpvsState): ReadonlyMap<string, ServiceState> {
  const names = programmed.map(({ protocol, address, port }) => serviceName(protocol, address, port))
  return new Map(
    names
      .flatMap((name) => [[name, trieGet(services, name)] as const])
      .filter((entry): entry is [string, ServiceState] => entry[1] !== undefined),
  )
}

/** `ipvsadm -Lnc`: connections that have not expired, then persistence templates (source port 0). */
export function printIpvsConnections(state: IpvsState, now: number): readonly string[] {
  const rows = [...trieEntries(state.connections)]
    .map(([, connection]) => connection)
    .filter(({ expiresAt }) => expiresAt > now)
    .map(({ protocol, state: word, client, virtual, real, expiresAt }) =>
      row([protocol, expiresAt - now, word ?? protocol, targetName(client), targetName(virtual), targetName(real)]),
    )
  const templates = [...trieEntries(state.templates)].map(([, { service, client, real, expiresAt, assured }]) => {
    const [protocol = '', virtual = ''] = service.split(' ')
    return row([
      protocol,
      Math.max(0, expiresAt - now),
      assured ? 'ASSURED' : 'NONE',
      targetName({ ip: client, port: 0 }),
      virtual,
      targetName(real),
    ])
  })
  const heading = 'pro expire state       source             virtual            destination'
  return ['IPVS connection entries', heading, ...rows.sort(), ...templates.sort()]
}

function row([protocol, millis, state, source, virtual, destination]: readonly [string, number, string, string, string, string]): string {
  const seconds = Math.ceil(millis / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const left = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
  return `${protocol.padEnd(3)} ${left}  ${state.padEnd(11)} ${source.padEnd(18)} ${virtual.padEnd(18)} ${destination}`
}
