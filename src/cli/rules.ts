import { find } from '../core/api/cluster.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { printProgram } from '../core/proxy/program.ts'
import { notRunning, writtenProgram } from '../core/sim/programs.ts'
import { bad } from './fail.ts'
import { type CommonOptions, settledCluster } from './input.ts'

/** `kubehop rules`: what kube-proxy has programmed on a node, in its mode's native words. */
export function runRules(options: CommonOptions & { readonly node: string }): Printed {
  const cluster = settledCluster(options)
  if (!find(cluster, 'Node', '', options.node)) bad(`error: nodes "${options.node}" not found`)
  const { mode } = cluster.settings
  const program = writtenProgram(cluster, options.node, mode)
  const lines = program ? printProgram(program) : [{ text: notRunning(options.node) }]
  if (options.output === 'json')
    return { out: `${JSON.stringify({ node: options.node, mode, lines: lines.map(({ text }) => text) })}\n`, err: '', code: 0 }
  return { out: `${lines.map(({ text }) => text).join('\n')}\n`, err: '', code: 0 }
}
