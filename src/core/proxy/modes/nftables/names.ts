import { sha256Base32 } from '../../../base/hash.ts'
import type { ProxyEndpoint, ServicePortView } from '../../view.ts'

/** nftables takes 256 characters; kube-proxy leaves room for its prefixes. */
const LONGEST = 240

/** The table all of it lies in. */
export const TABLE = 'kube-proxy'

/** What the chains of a service port are named after: `ULMVA6XW-ns1/svc1/tcp/p80` (kube-proxy's `servicePortChainNameBase`). */
export function portNameBase(port: ServicePortView): string {
  return withHash(readable(port))
}

/** What an endpoint's chain and affinity set are named after. Colons are no part of an nftables name, so IPv6 addresses get dots. */
export function endpointNameBase(port: ServicePortView, endpoint: ProxyEndpoint): string {
  return withHash(`${readable(port)}__${endpoint.ip}/${endpoint.port}`.replaceAll(':', '.'))
}

function readable(port: ServicePortView): string {
  return `${port.namespace}/${port.serviceName}/${port.protocol.toLowerCase()}/${port.portName}`
}

const names = new Map<string, string>()

/** Every node names the same Services and endpoints: each name is hashed once. */
function withHash(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = hashed(text)
    if (names.size > 100_000) names.clear()
    names.set(text, name)
  }
  return name
}

function hashed(text: string): string {
  const name = `${sha256Base32(text, 8)}-${text}`
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 3)}...` : name
}
