import type { Endpoint } from '../../api/kinds/endpointslice.ts'

/** How a Service's `trafficDistribution` turns into hints; undefined where endpoints are not to carry any. */
export type Closeness = 'zone' | 'node' | undefined

/** What a value of `trafficDistribution` asks for. Unknown values ask for nothing. */
export function closeness(trafficDistribution: string | undefined): Closeness {
  switch (trafficDistribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return 'zone'
    case 'PreferSameNode':
      return 'node'
    default:
      return undefined
  }
}

/** The hints that an endpoint should carry: its own zone, and for PreferSameNode its own node. Endpoints not ready keep what they have. */
export function closeHints(endpoint: Endpoint, close: Closeness): Endpoint['hints'] {
  if (close !== undefined && !isReady(endpoint)) return endpoint.hints
  const forZones = close !== undefined && endpoint.zone !== undefined ? [{ name: endpoint.zone }] : undefined
  const forNodes = close === 'node' && endpoint.nodeName !== undefined ? [{ name: endpoint.nodeName }] : undefined
  if (!forZones && !forNodes) return undefined
  return { ...(forZones ? { forZones } : {}), ...(forNodes ? { forNodes } : {}) }
}

export const isReady = (endpoint: Endpoint): boolean => endpoint.conditions?.ready === true

/** The endpoint with these hints, or with none. */
export function hinted(endpoint: Endpoint, hints: Endpoint['hints']): Endpoint {
  if (endpoint.hints === hints) return endpoint
  const { hints: _, ...bare } = endpoint
  return hints ? { ...bare, hints } : bare
}
