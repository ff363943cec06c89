import type { ApiObject, Cluster } from '../api/cluster.ts'
import { at, list } from '../api/cluster.ts'
import type { Expectation, Scenario, ScenarioRequest, ScenarioStep } from '../api/kinds/scenario.ts'
import type { Loaded } from '../api/load.ts'
import { parsePath } from '../api/path.ts'
import type { ModeId } from '../kernel/program.ts'
import type { RequestTrace } from '../trace/trace.ts'
import { act, type Refused } from './act.ts'
import { expectationIn, type Failure, failuresOf } from './expect.ts'
import { openWorld } from './open.ts'
import { atPath } from './path.ts'
import { sendRequest } from './send.ts'
import type { RequestSpec } from './session.ts'
import type { WorldChange } from './time.ts'
import type { World } from './world.ts'

/** What one step of a Scenario did: an entry of `steps` of `kubehop run -o json`. */
export type StepReport = {
  readonly step: ScenarioStep
  readonly now: number
  readonly changes: readonly {
    readonly op: WorldChange['op']
    readonly reason: string
    readonly component: string
    readonly object: ApiObject
  }[]
  /** All objects after the step. */
  readonly objects: readonly ApiObject[]
  readonly refused: readonly Refused[]
  readonly warnings: readonly string[]
  /** Of a `send`: its trace; with a `count` the first, and all in `requests`. */
  readonly request?: RequestTrace
  readonly requests?: readonly RequestTrace[]
  readonly failed: readonly Failure[]
}

export type RunReport = { readonly steps: readonly StepReport[]; readonly goals: readonly GoalReport[]; readonly world: World }

/** Carries out a Scenario's steps in order. A step that is refused changes nothing and the run goes on; failed expectations are reported. */
export function runScenario(
  loaded: Loaded & { readonly scenario: Scenario },
  options: { readonly seed: number; readonly mode?: ModeId },
): RunReport {
  let world = openWorld(loaded, options)
  const steps: StepReport[] = []
  for (const step of loaded.scenario.steps) {
    const [report, next] = runStep(world, step, loaded.scenario)
    steps.push(report)
    world = next
  }
  return { steps, goals: goalsOf(world, loaded.scenario), world }
}

function runStep(world: World, step: ScenarioStep, scenario: Scenario): readonly [StepReport, World] {
  const blank = { step, now: world.now, changes: [], refused: [], warnings: [], failed: [] } as const
  switch (step.step) {
    case 'say':
    case 'ask':
      return [{ ...blank, objects: objectsOf(world.cluster) }, world]
    case 'send':
      return runSend(world, step, scenario)
    default: {
      const acted = act(world, step)
      const { changes, refused, warnings } = acted
      return [{ ...blank, now: acted.world.now, changes, refused, warnings, objects: objectsOf(acted.world.cluster) }, acted.world]
    }
  }
}

function runSend(world: World, step: Extract<ScenarioStep, { step: 'send' }>, scenario: Scenario): readonly [StepReport, World] {
  const blank = { step, now: world.now, changes: [], refused: [], warnings: [] } as const
  const objects = objectsOf(world.cluster)
  const request = scenario.requests.find(({ name }) => name === step.request)
  if (!request) {
    const failed = [{ request: step.request, field: 'send', expected: 'a request of this name', actual: 'none' }]
    return [{ ...blank, objects, failed }, world]
  }
  const expect = expectationIn(request.expect, world.mode)
  const sent = sendRequest(world, specOf(request), { all: expect?.ways !== undefined })
  if (typeof sent === 'string') {
    return [
      { ...blank, objects, failed: [{ request: request.name, field: 'send', expected: 'a request that can be sent', actual: sent }] },
      world,
    ]
  }
  const failed = sent.traces.flatMap((trace) => failuresOf(trace, expect, sent.world.cluster))
  const [first] = sent.traces
  return [
    { ...blank, objects, failed, ...(first && { request: first }), ...(sent.traces.length > 1 && { requests: sent.traces }) },
    sent.world,
  ]
}

/** A Scenario's request as the request bar would hold it. */
export function specOf({ expect: _expect, ...spec }: ScenarioRequest): RequestSpec {
  return spec
}

/** Every object of a cluster, by kind, namespace and name. */
export function objectsOf(cluster: Cluster): readonly ApiObject[] {
  return [...cluster.byKind.keys()].sort().flatMap((kind) => list(cluster, kind))
}

/** Whether a goal is reached, or something forbidden is the case. */
export type GoalReport = {
  readonly goal: unknown
  readonly kind: 'goal' | 'forbid'
  readonly met: boolean
  readonly failed: readonly Failure[]
}

/**
 * The Scenario's goals in the world as it is: each goal's request is sent in it (the world does not keep that), and what it came to
 * compared; each `forbid` looks at an object's field.
 */
export function goalsOf(world: World, scenario: Scenario): readonly GoalReport[] {
  const goals = (scenario.goal ?? []).map((goal): GoalReport => {
    const { request: name, ...expect } = goal as { request?: string } & Expectation
    const request = scenario.requests.find((one) => one.name === name)
    const sent = request && sendRequest(world, { ...specOf(request), count: 1 }, { all: expect.ways !== undefined })
    const trace = sent && typeof sent !== 'string' ? sent.traces[0] : undefined
    const failed = trace
      ? failuresOf(trace, expectationIn(expect, world.mode), world.cluster)
      : [{ request: name ?? '', field: 'request', expected: 'a request of the scenario', actual: typeof sent === 'string' ? sent : 'none' }]
    return { goal, kind: 'goal', met: failed.length === 0, failed }
  })
  const forbidden = (scenario.forbid ?? []).map((rule): GoalReport => {
    const { object, path, value } = rule as { object?: string; path?: string; value?: unknown }
    const found = at(world.cluster, object ?? '')
    const actual = found && atPath(found, parsePath(path ?? ''))
    const isThere = found !== undefined && (value === undefined ? actual !== undefined : JSON.stringify(actual) === JSON.stringify(value))
    const failed = isThere ? [{ request: '', field: `${object} ${path}`, expected: 'something else', actual: JSON.stringify(actual) }] : []
    return { goal: rule, kind: 'forbid', met: !isThere, failed }
  })
  return [...goals, ...forbidden]
}
