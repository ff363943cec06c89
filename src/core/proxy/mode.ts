import type { Family } from '../base/ip.ts'
import type { FamilyProgram, ModeId } from '../kernel/program.ts'
import type { ProxyView } from './view.ts'

/**
 * A printed line of a program and the rule, set element or virtual server that it prints; `at` is a rule's place (`nat/KUBE-SERVICES/3`).
 * Both families name their rules alike.
 */
export type PrintedLine = { readonly text: string; readonly rule?: string; readonly at?: string; readonly family?: Family }

/** A proxy mode: how a node's view becomes a program, and how that program is written in the mode's native words. */
export type ProxyMode = {
  readonly id: ModeId
  readonly compile: (view: ProxyView) => FamilyProgram
  readonly print: (program: FamilyProgram) => readonly PrintedLine[]
}
