import type { Printed } from '../core/kubectl/get.ts'
import { sendRequest } from '../core/sim/send.ts'
import type { RequestSpec } from '../core/sim/session.ts'
import type { World } from '../core/sim/world.ts'
import { printTrace } from '../core/trace/print.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { bad } from './fail.ts'
import { type CommonOptions, settledWorld } from './input.ts'
import { readJsonLines } from './jsonlines.ts'

export type TraceOptions = CommonOptions & {
  readonly from?: string
  readonly to?: string
  readonly via?: string
  readonly proto?: string
  readonly method?: string
  readonly header: readonly string[]
  readonly count?: number
  readonly all?: boolean
  readonly requests?: string
}

/** `kubehop trace`: whole journeys, out and back. */
export function runTrace(options: TraceOptions): Printed {
  const world = settledWorld(options)
  if (options.requests !== undefined) return traceLines(world, options.requests)
  const traces = send(world, { ...options, headers: headersOf(options.header) }, 'error')
  if (options.output === 'json') return { out: tracesJson(traces), err: '', code: 0 }
  return { out: traces.map(printTrace).join('\n'), err: '', code: 0 }
}

const MANY = 100

/** Indented for people; many traces one a line, as ten thousand indented ones come near the longest text there can be. */
function tracesJson(traces: readonly RequestTrace[]): string {
  if (traces.length <= MANY) return `${JSON.stringify({ requests: traces }, undefined, 2)}\n`
  return `{"requests":[\n${traces.map((trace) => JSON.stringify(trace)).join(',\n')}\n]}\n`
}

/** Every line is a question of its own: the cluster is loaded once, and none sees what another left behind. */
function traceLines(world: World, file: string): Printed {
  const answers = readJsonLines(file).map(({ where, value }) => JSON.stringify({ requests: send(world, value, `${where}: error`) }))
  return { out: answers.map((line) => `${line}\n`).join(''), err: '', code: 0 }
}

function send(world: World, question: Readonly<Record<string, unknown>>, where: string): readonly RequestTrace[] {
  const sent = sendRequest(world, specOf(question, where), { all: question['all'] === true })
  return typeof sent === 'string' ? bad(`${where}: ${sent}`) : sent.traces
}

const PROTOCOLS = ['tcp', 'udp', 'sctp', 'icmp'] as const

function specOf(question: Readonly<Record<string, unknown>>, where: string): RequestSpec {
  const text = (key: string) => {
    const value = question[key]
    if (value !== undefined && typeof value !== 'string') bad(`${where}: ${key} must be a text`)
    return value
  }
  const to = text('to') ?? bad(`${where}: where to? --to is missing`)
  const from = text('from') ?? bad(`${where}: who asks? --from is missing`)
  const proto = text('proto')?.toLowerCase()
  const protocol = PROTOCOLS.find((one) => one === proto)
  if (proto !== undefined && !protocol) bad(`${where}: ${proto} is no protocol: tcp, udp, sctp or icmp`)
  const count = question['count']
  if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0)) bad(`${where}: count must be a whole number above 0`)
  const [name, via, method] = [text('name'), text('via'), text('method')]
  const connection = text('connection') === 'keep-alive' ? ('keep-alive' as const) : undefined
  return {
    from,
    to,
    ...(name === undefined ? {} : { name }),
    ...(via === undefined ? {} : { via }),
    ...(method === undefined ? {} : { method }),
    ...(protocol ? { protocol } : {}),
    ...(connection ? { connection } : {}),
    ...(count === undefined ? {} : { count: Number(count) }),
    ...headersPart(question['headers'], where),
  }
}

/** Headers as an object, or as a list of `K: V`. */
function headersPart(value: unknown, where: string): { readonly headers?: Readonly<Record<string, string>> } {
  if (value === undefined) return {}
  if (Array.isArray(value)) return { headers: headersOf(value.map(String)) }
  if (typeof value !== 'object' || value === null) bad(`${where}: headers must be an object`)
  return { headers: Object.fromEntries(Object.entries(value).map(([key, header]) => [key, String(header)])) }
}

function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      if (colon < 1) bad(`error: -H ${JSON.stringify(line)} is no "Name: value"`)
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
    }),
  )
}
