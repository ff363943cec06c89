import { invariant } from '../../base/assert.ts'
import type { ModeId } from '../../kernel/program.ts'
import type { ProxyMode } from '../mode.ts'
import { iptables } from './iptables/mode.ts'
import { ipvs } from './ipvs/mode.ts'
import { nftables } from './nftables/mode.ts'

/** The proxy modes, in the order in which they are offered. */
export const modes: readonly ProxyMode[] = [iptables, nftables, ipvs]

/** The mode of this name. */
export function modeOf(id: ModeId): ProxyMode {
  const mode = modes.find((candidate) => candidate.id === id)
  invariant(mode, `no such proxy mode: ${id}`)
  return mode
}
