import type { ObjectKey } from '../core/api/meta.ts'
import type { Packet } from '../core/kernel/packet.ts'
import { eventsOf, type Hop, type Place, type RequestTrace, type Step } from '../core/trace/trace.ts'
import type { Point, StageLayout } from './layout.ts'
import { boxAt, stubAt, type Wire, wireBetween } from './wires.ts'

/** One crossing between two places, by the event (from 1) with which it sets out and the one with which it has arrived. */
export type Leg = {
  readonly number: number
  readonly from: Place
  readonly to: Place
  readonly departs: number
  readonly reply: boolean
  /** Where the packet says it is going; for a reply, where it says it comes from. */
  readonly ip: string
  readonly port: number
  /** That address is another one than on the leg before. */
  readonly rewritten: boolean
  readonly wire?: Wire
}

/** A line in a kernel box: what that kernel did, in its own words. */
export type KernelLine = {
  readonly event: number
  readonly what: 'track' | 'rule' | 'choose' | 'rewrite' | 'route'
  readonly text: string
  readonly ip?: string
  readonly port?: number
  readonly reply: boolean
  /** How much it tells, where there is no room for all: what was rewritten or refused, then rules that somebody's YAML made. */
  readonly weight: number
}

/** How a request that was not simply delivered is marked on the stage. */
export type Failure = {
  readonly code: string
  readonly mark: 'drop' | 'reject' | 'answer' | 'unknown'
  readonly place: Place
  readonly at: Point
  readonly stub: readonly Point[]
}

/** A trace laid over a picture: every leg with its line, every kernel's lines. Made once a trace, whatever the cursor. */
export type Journey = {
  readonly trace: RequestTrace
  readonly events: ReturnType<typeof eventsOf>
  readonly legs: readonly Leg[]
  readonly kernels: ReadonlyMap<string, readonly KernelLine[]>
  readonly failure?: Failure
}

/** What is to be seen once `index` events are done. */
export type Scene = {
  readonly event: Journey['events'][number] | undefined
  readonly place: Place | undefined
  readonly legs: readonly Leg[]
  readonly kernels: ReadonlyMap<string, readonly KernelLine[]>
  readonly chosen: ReadonlySet<ObjectKey>
  readonly excluded: ReadonlyMap<ObjectKey, string>
  /** Share of new connections by Pod, once a choice was made. */
  readonly shares: ReadonlyMap<ObjectKey, number>
  readonly failure: Failure | undefined
}

/** Lays a trace over a picture. */
export function journeyOf(trace: RequestTrace, layout: StageLayout): Journey {
  const events = eventsOf(trace)
  const failure = failureOf(trace, events, layout)
  return { trace, events, legs: legsOf(trace, layout), kernels: kernelsOf(events), ...(failure ? { failure } : {}) }
}

/** The scene at a cursor. Nothing is in it that has not happened yet. */
export function sceneAt(journey: Journey, index: number): Scene {
  const { events, trace } = journey
  const event = events[Math.min(index, events.length) - 1]
  const seen = events.slice(0, index)
  const decided = seen.some(
    ({ step }) => step.step === 'choose' || (step.step === 'rewrite' && (step.what === 'dnat' || step.what === 'ipvs')),
  )
  const rows = decided ? (trace.endpoints ?? []).filter((row) => row.pod !== undefined) : []
  const keyed = rows.map((row) => ({ row, key: podKey(row.pod as string, trace.backend?.namespace) }))
  const arrived = index >= events.length
  const backend = trace.backend?.pod ? podKey(trace.backend.pod, trace.backend.namespace) : undefined
  const chosen = [...keyed.filter(({ row }) => row.chosen).map(({ key }) => key), ...(backend && (decided || arrived) ? [backend] : [])]
  return {
    event,
    place: event?.place ?? trace.hops[0]?.place,
    legs: journey.legs.filter((leg) => leg.departs <= index),
    kernels: new Map([...journey.kernels].map(([node, lines]) => [node, lines.filter((line) => line.event <= index)])),
    chosen: new Set(chosen),
    excluded: new Map(keyed.flatMap(({ row, key }) => (row.excluded && !chosen.includes(key) ? [[key, row.excluded] as const] : []))),
    shares: new Map(keyed.filter(({ row }) => row.probability > 0).map(({ row, key }) => [key, row.probability])),
    failure: arrived ? journey.failure : undefined,
  }
}

/** `namespace/name` or a bare name, as an object key. */
export function podKey(pod: string, namespace = 'default'): ObjectKey {
  return pod.includes('/') ? `Pod/${pod}` : `Pod/${namespace}/${pod}`
}

/** The objects that a trace visits or was decided by: they are shown whatever the scale. */
export function objectsOf(trace: RequestTrace): ReadonlySet<ObjectKey> {
  const found = new Set<ObjectKey>()
  for (const { place, step } of eventsOf(trace)) {
    if (place.at === 'pod') found.add(`Pod/${place.name}`)
    if (place.at === 'node') found.add(`Node//${place.name}`)
    if ('origin' in step && step.origin) found.add(step.origin.object)
    if (step.step === 'match') for (const { won, origin } of step.candidates) if (won && origin) found.add(origin.object)
  }
  return found
}

/** The places beyond the cluster that a trace visits. */
export function outsidePlacesOf(trace: RequestTrace): ReadonlySet<'internet' | 'load-balancer'> {
  const places = [...trace.hops, ...(trace.reply?.hops ?? [])].map(({ place }) => place.at)
  return new Set(places.filter((at): at is 'internet' | 'load-balancer' => at === 'internet' || at === 'load-balancer'))
}

function samePlace(a: Place, b: Place): boolean {
  return a.at === b.at && a.name === b.name
}

function legsOf(trace: RequestTrace, layout: StageLayout): readonly Leg[] {
  const legs: Leg[] = []
  let event = 0
  let before: { readonly ip: string } | undefined
  const walk = (hops: readonly Hop[], reply: boolean) => {
    before = undefined
    hops.forEach((hop, i) => {
      event += hop.steps.length
      const next = hops[i + 1]
      if (!next || samePlace(hop.place, next.place)) return
      const packet = packetLeaving(hop)
      const [ip, port] = packet ? (reply ? [packet.src, packet.sport] : [packet.dst, packet.dport]) : ['', 0]
      const wire = wireBetween(layout, hop.place, next.place, reply)
      legs.push({
        number: legs.length + 1,
        from: hop.place,
        to: next.place,
        departs: event,
        reply,
        ip,
        port,
        rewritten: before !== undefined && before.ip !== `${ip}:${port}`,
        ...(wire ? { wire } : {}),
      })
      before = { ip: `${ip}:${port}` }
    })
  }
  walk(trace.hops, false)
  walk(trace.reply?.hops ?? [], true)
  return legs
}

function packetLeaving(hop: Hop): Packet | undefined {
  for (const step of [...hop.steps].reverse()) {
    if (step.step === 'rewrite') return step.after
    if ('packet' in step && step.packet) return step.packet
  }
  return undefined
}

function kernelsOf(events: Journey['events']): ReadonlyMap<string, readonly KernelLine[]> {
  const kernels = new Map<string, KernelLine[]>()
  events.forEach(({ place, step, reply }, i) => {
    if (place.at !== 'node') return
    const line = lineOf(step)
    if (!line) return
    const list = kernels.get(place.name) ?? []
    kernels.set(place.name, list)
    list.push({ event: i + 1, reply, ...line })
  })
  return kernels
}

const SAID: ReadonlySet<string> = new Set(['drop', 'reject', 'masquerade', 'snat'])
const ENDS: ReadonlySet<string> = new Set(['drop', 'reject'])

function lineOf(step: Step): Omit<KernelLine, 'event' | 'reply'> | undefined {
  switch (step.step) {
    case 'track':
      return { what: 'track', text: step.state, weight: 0 }
    case 'rule': {
      const verdict = /^\w+/.exec(step.verdict)?.[0]?.toLowerCase() ?? ''
      const said = SAID.has(verdict) ? ` ${verdict.toUpperCase()}` : ''
      return {
        what: 'rule',
        text: `${shortChain(step.chain)} #${step.index + 1}${said}`,
        weight: ENDS.has(verdict) ? 6 : step.origin ? 4 : 1,
      }
    }
    case 'choose': {
      const picked = step.options[step.picked]
      const text = `${step.by}${step.drew === undefined ? '' : ` ${step.drew.toFixed(2)}`}`
      return { what: 'choose', text, weight: 3, ...(picked ? targetOf(picked.to) : {}) }
    }
    case 'rewrite': {
      const { before, after } = step
      const destination = before.dst !== after.dst || before.dport !== after.dport
      // What is undone on the way back tells less than what was done on the way there.
      const weight = step.what.startsWith('un-') ? 3 : 5
      return destination
        ? { what: 'rewrite', text: 'dst', ip: after.dst, port: after.dport, weight }
        : { what: 'rewrite', text: 'src', ip: after.src, port: after.sport, weight }
    }
    case 'route':
      return { what: 'route', text: step.device, ip: step.destination, port: 0, weight: 2 }
    default:
      return undefined
  }
}

function targetOf(text: string): { readonly ip: string; readonly port: number } | object {
  const match = /^\[?([^\]]+)\]?:(\d+)$/.exec(text)
  return match ? { ip: match[1] ?? '', port: Number(match[2]) } : {}
}

/** Chain names end in a hash that tells them apart by its first letters: `KUBE-SVC-FREKB6WNWYJLKTHC` is `KUBE-SVC-FREK…`. */
export function shortChain(chain: string): string {
  const hashed = /^(KUBE-(?:SVC|SEP|EXT|SVL|FW|XLB)-\w{4})\w+$/.exec(chain)
  if (hashed) return `${hashed[1]}…`
  return chain
}

const REJECTS: ReadonlySet<string> = new Set(['REFUSED', 'REJECTED', 'REJECTED_NO_ENDPOINTS'])

function failureOf(trace: RequestTrace, events: Journey['events'], layout: StageLayout): Failure | undefined {
  const { code, by } = trace.verdict
  if (code === 'DELIVERED') return undefined
  // An HTTP error is the answer of whoever the request reached last, not of the client that reads it.
  const answered = code.startsWith('HTTP_') ? trace.hops.at(-1)?.place : undefined
  const place = by?.place ?? answered ?? events.at(-1)?.place
  if (!place) return undefined
  const mark = code === 'NOT_MODELLED' ? 'unknown' : code.startsWith('HTTP_') ? 'answer' : REJECTS.has(code) ? 'reject' : 'drop'
  if (place.at === 'node') {
    const stub = stubAt(layout, place.name)
    return stub && { code, mark, place, at: stub.mark, stub: stub.points }
  }
  const box = boxAt(layout, place)
  if (!box) return undefined
  const asks = layout.pods.some((pod) => pod.asks && `${pod.box.namespace}/${pod.box.name}` === place.name)
  // Where no line runs: a Pod that asks has its lines on the right, others on the left.
  if (place.at === 'pod' && asks) return { code, mark, place, at: { x: box.x + box.w - 18, y: box.y + box.h - 1 }, stub: [] }
  return { code, mark, place, at: { x: place.at === 'pod' ? box.x - 4 : box.x + box.w + 4, y: box.y + box.h / 2 }, stub: [] }
}
