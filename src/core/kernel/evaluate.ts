import type { Tracked } from './conntrack.ts'
import type { HookIo, HookResult, NodeKernel } from './kernel.ts'
import type { FamilyProgram, Hook } from './program.ts'

/**
 * One packet through one netfilter hook of a host: every base chain attached there in order of priority, and conntrack's own
 * translation of known connections at the nat priorities. Rules are read from `program`, state from and into `kernel`.
 */
export function runHook(kernel: NodeKernel, _program: FamilyProgram, _hook: Hook, tracked: Tracked, _io: HookIo): HookResult {
  return { kernel, tracked, verdict: 'accept', steps: [] }
}
