import type { ScenarioStep } from '../core/api/kinds/scenario.ts'
import { keyOf } from '../core/api/meta.ts'
import { unreachable } from '../core/base/assert.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { runScenario, type StepReport } from '../core/sim/scenario.ts'
import { bad } from './fail.ts'
import { type CommonOptions, loadInput } from './input.ts'

/** `kubehop run`: carries out the Scenario of the input. Refusals are reported and the run goes on; a failed expectation makes exit 1. */
export function runRun(options: CommonOptions): Printed {
  const loaded = loadInput(options)
  const { scenario } = loaded
  if (!scenario) bad('error: the input holds no kind: Scenario')
  const wrong = loaded.diagnostics.find(({ code, severity }) => code === 'SCENARIO_INVALID' && severity === 'error')
  if (wrong) bad(`error: ${wrong.field ?? 'Scenario'}: ${wrong.message}`)
  const { steps, goals } = runScenario({ ...loaded, scenario }, { seed: options.seed, mode: loaded.cluster.settings.mode })
  const code = steps.some(({ failed }) => failed.length > 0) || goals.some(({ met }) => !met) ? 1 : 0
  if (options.output === 'json') {
    return { out: `${JSON.stringify({ steps, ...(goals.length > 0 ? { goals } : {}) })}\n`, err: '', code }
  }
  const lines = steps.flatMap((step, index) => [`${index + 1}. ${stepText(step.step)}`, ...reportLines(step).map((line) => `   ${line}`)])
  const reached = goals.map(({ kind, met, goal }) => `${kind} ${met ? 'met' : 'NOT MET'} ${JSON.stringify(goal)}`)
  return { out: [...lines, ...reached].map((line) => `${line}\n`).join(''), err: '', code }
}

function stepText(step: ScenarioStep): string {
  switch (step.step) {
    case 'send':
      return `send ${step.request}`
    case 'apply':
      return 'apply'
    case 'delete':
      return `delete ${step.object}`
    case 'patch':
      return `patch ${step.object} ${JSON.stringify(step.set)}`
    case 'scale':
      return `scale ${step.object} to ${step.replicas}`
    case 'ready':
      return `ready ${step.pod}: ${step.value}`
    case 'wait':
      return `wait ${step.ms / 1000}s`
    case 'freeze':
    case 'thaw':
      return `${step.step} ${step.node}`
    case 'fault':
    case 'heal':
      return `${step.step} ${Object.values(step.fault).flat().join(' ')}`
    case 'say':
    case 'ask':
      return `${step.step} ${step.text['en'] ?? Object.values(step.text)[0] ?? ''}`
    default:
      return unreachable(step)
  }
}

function reportLines({ changes, refused, warnings, request, requests, failed }: StepReport): readonly string[] {
  const traces = requests ?? (request ? [request] : [])
  return [
    ...warnings.map((warning) => `warning ${warning}`),
    ...refused.map(
      ({ object, message }) => `refused ${object.kind}/${object.namespace}/${object.name}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`,
    ),
    ...changes.map(({ op, object, reason }) => `${op} ${keyOf(object)}: ${reason}`),
    ...traces.map(({ verdict }) => `${verdict.code} ${verdict.message}`),
    ...failed.map(
      (one) => `FAILED ${one.request} ${one.field}: expected ${JSON.stringify(one.expected)}, got ${JSON.stringify(one.actual)}`,
    ),
  ]
}
