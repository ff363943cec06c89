import type { Ip } from '../../../base/ip.ts'
import type { Match, Origin, Verdict } from '../../../kernel/program.ts'
import type { ServicePortView } from '../../view.ts'

/** `-j CHAIN`. */
export const jump = (chain: string): Verdict => ({ verdict: 'jump', chain })

/** `-m comment --comment TEXT`. */
export const comment = (text: string): Match => ({ match: 'comment', text })

/** `-m tcp -p tcp`. */
export function protocolMatch(port: ServicePortView): Match {
  return { match: 'protocol', is: port.protocol, module: true }
}

/** `-m tcp -p tcp -d IP --dport PORT`: traffic for one address of a service port. */
export function to(port: ServicePortView, ip: Ip): readonly Match[] {
  return [protocolMatch(port), { match: 'dst', in: [ip] }, { match: 'dst-port', is: port.port }]
}

/** A field of the service port in its Service. */
export function portOrigin(port: ServicePortView, field: string): Origin {
  return { object: port.service, path: ['spec', 'ports', port.portIndex, field] }
}

/** A field of the Service. */
export function serviceOrigin(port: ServicePortView, ...path: readonly (string | number)[]): Origin {
  return { object: port.service, path }
}
