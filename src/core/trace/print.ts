import { unreachable } from '../base/assert.ts'
import { hostPort } from '../base/ip.ts'
import type { Packet } from '../kernel/packet.ts'
import type { Hop, RequestTrace, Step, Way } from './trace.ts'

/** A trace as text: what the command line prints, what "copy" copies, what goldens compare. One line a step, hops as headings. */
export function printTrace(trace: RequestTrace): string {
  const lines = [
    `${trace.from} → ${trace.to}  (${trace.mode}, seed ${trace.seed})`,
    ...printVerdict(trace),
    ...trace.hops.flatMap(printHop),
  ]
  if (trace.reply) lines.push('', 'reply', ...trace.reply.hops.flatMap(printHop))
  if (trace.ways) lines.push('', 'ways', ...trace.ways.map(printWay))
  return `${lines.join('\n')}\n`
}

function printHop({ place, steps }: Hop): readonly string[] {
  return ['', `${place.at} ${place.name}`, ...steps.flatMap((step) => printStep(step).map((line) => `  ${line}`))]
}

function printVerdict({ verdict, seenSource, backend, causes }: RequestTrace): readonly string[] {
  const http = verdict.http === undefined ? '' : ` HTTP ${verdict.http}`
  const lines = [`${verdict.code}${http}  ${verdict.message}`, ...(causes ?? []).map(({ message }) => `because  ${message}`)]
  if (backend)
    lines.push(
      `backend  ${backend.pod ? `${backend.namespace}/${backend.pod} ` : ''}${hostPort(backend.ip, backend.port)}${backend.node ? ` on ${backend.node}` : ''}`,
    )
  if (seenSource !== undefined) lines.push(`sees     ${seenSource}`)
  return lines
}

function printWay({ probability, verdict, backend, seenSource }: Way): string {
  const where = backend ? ` ${backend.pod ? `${backend.namespace}/${backend.pod} ` : ''}${hostPort(backend.ip, backend.port)}` : ''
  return `  ${probability.toFixed(4)}  ${verdict.code}${where}${seenSource === undefined ? '' : ` seen ${seenSource}`}`
}

/** A packet in one line: `TCP 10.244.1.2:40000 > 10.96.0.10:80 SYN`. */
export function printPacket(packet: Packet): string {
  const { protocol, src, dst, sport, dport, flags, message } = packet
  if (protocol === 'ICMP') return `ICMP ${src} > ${dst} ${message?.icmp ?? ''}`.trimEnd()
  return `${protocol} ${hostPort(src, sport)} > ${hostPort(dst, dport)}${flags ? ` ${flags}` : ''}`
}

/** One step in a few words; a step that is about a rule shows the rule as its mode writes it. */
export function printStep(step: Step): readonly string[] {
  switch (step.step) {
    case 'resolve': {
      const answers = step.answers.map(({ type, value }) => `${type} ${value}`).join(', ')
      return [`dns ${step.question} ${step.type} @${step.server}: ${answers || step.rcode}`]
    }
    case 'send':
      return [`send ${printPacket(step.packet)}`]
    case 'enter':
      return [`in ${step.interface}`]
    case 'track':
      return [`conntrack ${step.state} ${step.connection}`]
    case 'rule': {
      const { from, to } = step.missed
      const missed = to > from ? ` (${to - from} missed)` : ''
      return [`${step.hook} ${step.table} ${step.chain} #${step.index}${missed}: ${step.verdict}`, ...(step.text ? [`  ${step.text}`] : [])]
    }
    case 'choose': {
      const picked = step.options[step.picked]
      return [`choose ${step.by}: ${picked?.pod ?? picked?.to ?? ''} of ${step.options.length}`]
    }
    case 'rewrite':
      return [`${step.what}: ${printPacket(step.before)}  ⇒  ${printPacket(step.after)}`]
    case 'route':
      return [`route ${step.route}`]
    case 'exit':
      return [`out ${step.interface} → ${step.next.at} ${step.next.name}: ${printPacket(step.packet)}`]
    case 'receive':
      return [`${step.outcome}${step.socket ? ` ${step.socket}` : ''}: ${printPacket(step.packet)}`]
    case 'http':
      return [step.message === 'request' ? `http ${step.method} ${step.path} Host: ${step.host}` : `http ${step.status}`]
    case 'match':
      return [`match ${step.by}`, ...step.candidates.map(({ rule, won, why }) => `  ${won ? '*' : ' '} ${rule}: ${why}`)]
    case 'end':
      return [`end ${step.verdict.code}`]
    default:
      return unreachable(step)
  }
}
