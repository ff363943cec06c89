import { unreachable } from '../core/base/assert.ts'
import { hostPort } from '../core/base/ip.ts'
import type { Packet } from '../core/kernel/packet.ts'
import type { Hop, RequestTrace, Step } from '../core/trace/trace.ts'

/** A trace as text: the ending first, then every place and what happened there, out and back. */
export function printJourney(trace: RequestTrace): string {
  const lines = [`${trace.from} → ${trace.to}  (${trace.mode}, seed ${trace.seed})`, `${trace.verdict.code}  ${trace.verdict.message}`]
  if (trace.backend) {
    const { namespace, pod, node, ip, port } = trace.backend
    lines.push(`backend  ${pod === undefined ? '' : `${namespace}/${pod} `}${hostPort(ip, port)}${node === undefined ? '' : ` on ${node}`}`)
  }
  if (trace.seenSource !== undefined) lines.push(`sees     ${trace.seenSource}`)
  lines.push(...trace.hops.flatMap(printHop))
  if (trace.reply) lines.push('', 'reply', ...trace.reply.hops.flatMap(printHop))
  if (trace.ways) {
    lines.push('', 'ways')
    for (const way of trace.ways) {
      const to = way.backend ? (way.backend.pod ?? hostPort(way.backend.ip, way.backend.port)) : ''
      lines.push(`  ${way.probability.toFixed(4)}  ${way.verdict.code}  ${to}`.trimEnd())
    }
  }
  return `${lines.join('\n')}\n`
}

function printHop({ place, steps }: Hop): readonly string[] {
  return ['', `${place.at} ${place.name}`, ...steps.flatMap((step) => printStep(step)).map((line) => `  ${line}`)]
}

function printStep(step: Step): readonly string[] {
  switch (step.step) {
    case 'resolve':
      return [`resolve ${step.question} ${step.type}: ${step.rcode}${step.answers.map(({ type, value }) => ` ${type} ${value}`).join('')}`]
    case 'send':
      return [`send ${packetText(step.packet)}`]
    case 'enter':
      return [`enter ${step.interface} ${packetText(step.packet)}`]
    case 'track':
      return [`conntrack ${step.state} ${step.connection}`]
    case 'rule':
      return [`${step.hook} ${step.table} ${step.chain}: ${step.text || step.rule}`]
    case 'choose':
      return [`choose ${step.options[step.picked]?.to ?? ''} of ${step.options.length} by ${step.by}`]
    case 'rewrite':
      return [`${step.what} ${packetText(step.before)} ⇒ ${packetText(step.after)}`]
    case 'route':
      return [`route ${step.destination} by ${step.route} dev ${step.device}`]
    case 'exit':
      return [`exit ${step.interface} to ${step.next.at} ${step.next.name}`]
    case 'receive':
      return [`receive ${packetText(step.packet)}: ${step.outcome}`]
    case 'http':
      return [step.message === 'request' ? `http ${step.method} ${step.host}${step.path}` : `http ${step.status}`]
    case 'match':
      return step.candidates.map(({ rule, won, why }) => `match ${won ? '✓' : '✗'} ${rule}: ${why}`)
    case 'end':
      return [`end ${step.verdict.code}: ${step.verdict.message}`]
    default:
      return unreachable(step)
  }
}

function packetText({ protocol, src, sport, dst, dport, flags }: Packet): string {
  if (protocol === 'ICMP') return `ICMP ${src} > ${dst}`
  return `${protocol} ${hostPort(src, sport)} > ${hostPort(dst, dport)}${flags ? ` ${flags}` : ''}`
}
