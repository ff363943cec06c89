import { describe } from '../core/kubectl/describe.ts'
import { get, type Printed } from '../core/kubectl/get.ts'
import { type CommonOptions, settledCluster } from './input.ts'

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
  const printed = describe(settledCluster(options), words, options, 0)
  if (options.output !== 'json' || printed.code !== 0) return printed
  return { ...printed, out: `${JSON.stringify({ text: printed.out })}\n` }
}
