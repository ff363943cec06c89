import { sha256Base32 } from '../../../base/hash.ts'
import type { Protocol } from '../../../kernel/packet.ts'

/** The chains that one service port may have; they share a hash. */
export type ServiceChain = 'SVC' | 'SVL' | 'EXT' | 'FW'

const hashes = new Map<string, string>()

/** kube-proxy's `portProtoHash` (pkg/proxy/iptables/proxier.go): 16 characters of base32(sha256(text)). */
function hash(text: string): string {
  let known = hashes.get(text)
  if (known === undefined) {
    if (hashes.size > 200_000) hashes.clear()
    known = sha256Base32(text, 16)
    hashes.set(text, known)
  }
  return known
}

/** `KUBE-SVC-XPGD46QRK7WJZT7O`; `name` is `ns/service:port`. */
export function serviceChainName(chain: ServiceChain, name: string, protocol: Protocol): string {
  return `KUBE-${chain}-${hash(name + protocol.toLowerCase())}`
}

/** `KUBE-SEP-SXIVWICOYRO3J4NJ`; `endpoint` is `ip:port`. */
export function endpointChainName(name: string, protocol: Protocol, endpoint: string): string {
  return `KUBE-SEP-${hash(name + protocol.toLowerCase() + endpoint)}`
}
