import { settle } from '../core/controllers/settle.ts'
import { describe } from '../core/kubectl/describe.ts'
import { eventsFrom } from '../core/kubectl/events.ts'
import { get, type Printed } from '../core/kubectl/get.ts'
import { type CommonOptions, loadInput, settledCluster } from './input.ts'

export type KubectlOptions = CommonOptions & {
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly selector?: string
  readonly showLabels?: boolean
  /** commander's name for `--no-headers`: false when given. */
  readonly headers?: boolean
}

/** `kubehop get`: as kubectl prints it. */
export function runGet(words: readonly string[], options: KubectlOptions): Printed {
  return get(settledCluster(options), words, { ...options, ...(options.headers === false ? { noHeaders: true } : {}) }, 0)
}

/** `kubehop describe`: as kubectl prints it; with `-o json` the text as one member. */
export function runDescribe(words: readonly string[], options: KubectlOptions): Printed {
  const { cluster, changes } = settle(loadInput(options).cluster, { now: 0 })
  const printed = describe(cluster, words, options, 0, eventsFrom(changes, 0))
  if (options.output !== 'json' || printed.code !== 0) return printed
  return { ...printed, out: `${JSON.stringify({ text: printed.out })}\n` }
}
