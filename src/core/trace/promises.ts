import type { Packet } from '../kernel/packet.ts'
import { eventsOf, type Hop, type RequestTrace, type Step } from './trace.ts'

/**
 * The promises of a trace, checked: what is broken, in words. A hop has steps; every hop but the first of its way begins with `enter`
 * (the first where names are resolved or a packet sent), every hop but the last ends with `exit`; each `exit` packet is the next `enter`'s; a `rewrite` changes
 * something; there is exactly one `end`, the last event, and it carries the trace's verdict.
 */
export function brokenPromises(trace: RequestTrace): readonly string[] {
  const broken = [...brokenWay(trace.hops, 'request'), ...(trace.reply ? brokenWay(trace.reply.hops, 'reply') : [])]
  const events = eventsOf(trace)
  const ends = events.filter(({ step }) => step.step === 'end')
  if (ends.length !== 1) broken.push(`there are ${ends.length} ends`)
  const last = events.at(-1)?.step
  if (last?.step !== 'end') broken.push('the last event is no end')
  else if (last.verdict.code !== trace.verdict.code)
    broken.push(`it ends as ${last.verdict.code}, but the verdict is ${trace.verdict.code}`)
  const delivered = trace.verdict.code === 'DELIVERED' && trace.verdict.reason !== 'resolved'
  if (delivered && !trace.reply) broken.push('delivered without an answer')
  if (delivered && !trace.backend) broken.push('delivered to nobody')
  const total = trace.ways?.reduce((sum, { probability }) => sum + probability, 0)
  if (total !== undefined && Math.abs(total - 1) > 1e-9) broken.push(`the ways' probabilities sum to ${total}`)
  return broken
}

function brokenWay(hops: readonly Hop[], way: string): string[] {
  const broken: string[] = []
  for (const [index, { place, steps }] of hops.entries()) {
    const where = `${way} hop ${index} (${place.at} ${place.name})`
    const [first] = steps
    if (!first) broken.push(`${where} has no steps`)
    if (index > 0 && first?.step !== 'enter') broken.push(`${where} does not begin with enter`)
    const exit = steps.find(({ step }) => step === 'exit')
    const next = hops[index + 1]
    if (next && steps.at(-1)?.step !== 'exit') broken.push(`${where} does not end with exit`)
    if (next && exit?.step === 'exit') {
      const enter = next.steps[0]
      if (exit.next.name !== next.place.name) broken.push(`${where} goes to ${exit.next.name}, not to the next hop`)
      if (enter?.step === 'enter' && !samePacket(exit.packet, enter.packet)) broken.push(`${where}: what leaves is not what enters`)
    }
    broken.push(...steps.filter(isIdle).map(() => `${where}: a rewrite changes nothing`))
  }
  return broken
}

function samePacket(a: Packet, b: Packet): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function isIdle(step: Step): boolean {
  return step.step === 'rewrite' && samePacket(step.before, step.after)
}
