import { unreachable } from '../core/base/assert.ts'
import type { Packet } from '../core/kernel/packet.ts'
import type { Diagnostic } from '../core/source/diagnostic.ts'
import type { eventsOf, Place, RequestVerdict, Step } from '../core/trace/trace.ts'
import type { Messages } from '../text/messages.ts'
import { type AddressBook, addressText } from './address.ts'

type TraceEvent = ReturnType<typeof eventsOf>[number]
/** What an event is to the eye: the mark on the scrubber. */
export type Mark = 'lookup' | 'match' | 'rewrite' | 'crossing' | 'deliver' | 'done' | 'fail' | 'reply' | 'plain'

export const MARKS: Readonly<Record<Mark, string>> = {
  lookup: '◇',
  match: '▣',
  rewrite: '✎',
  crossing: '⇄',
  deliver: '●',
  done: '✓',
  fail: '✕',
  reply: '↩',
  plain: '',
}

/** Whether a verdict is what a client hopes for. */
export function isGood(verdict: Pick<RequestVerdict, 'code'>): boolean {
  return verdict.code === 'DELIVERED'
}

/** A place as people say it. */
export function placeText(place: Place, messages: Messages): string {
  return messages.story.places[place.at](place.at === 'pod' ? place.name.replace(/^default\//, '') : place.name)
}

/** One event as a sentence. Addresses in it are plain text. */
export function sentenceOf(event: TraceEvent, book: AddressBook, messages: Messages): string {
  const { story } = messages
  const { step } = event
  switch (step.step) {
    case 'resolve':
      return resolveText(step, messages)
    case 'send':
      return (event.reply ? story.sendReply : story.send)(
        step.packet.protocol,
        flagsOf(step.packet),
        sourceOf(step.packet),
        destinationOf(step.packet),
      )
    case 'enter':
      return story.enter(step.interface)
    case 'track':
      return story.track[step.state]
    case 'rule':
      return ruleText(step, messages)
    case 'choose':
      return chooseText(step, messages)
    case 'rewrite':
      return rewriteText(step, book, messages)
    case 'route':
      return story.route(step.destination, step.device, step.next ? story.routeNext(placeText(step.next, messages)) : '')
    case 'exit':
      return story.exit(step.interface, placeText(step.next, messages))
    case 'receive':
      return story.receive[step.outcome](step.socket ?? '')
    case 'http':
      return step.message === 'request'
        ? story.http.request(step.method ?? 'GET', step.path ?? '/', step.host ?? '')
        : story.http.response(step.status ?? 0)
    case 'match': {
      const won = step.candidates.find((candidate) => candidate.won)
      return won ? story.match.won(step.by, won.rule, step.candidates.length - 1) : story.match.none(step.by)
    }
    case 'end':
      return verdictText(step.verdict, messages)
    default:
      return unreachable(step)
  }
}

/** How a request ended, as a sentence: by its finer reason where this language knows it, else by its code. */
export function verdictText(verdict: RequestVerdict, messages: Messages): string {
  const { reasons, verdicts, answers, answered } = messages.story
  const known = reasons[verdict.reason]
  if (known) return known(verdict.params)
  const why = verdict.reason.startsWith('proxy-') ? answers[String(verdict.params['why'])] : undefined
  if (why !== undefined) return answered(String(verdict.params['proxy']), String(verdict.http ?? ''), why)
  if (messages.language === 'en' && verdict.message) return verdict.message
  const { code } = verdict
  if (code in verdicts && code !== ('http' as string)) return verdicts[code as Exclude<typeof code, `HTTP_${number}`>]
  return verdicts.http(String(verdict.http ?? code.replace('HTTP_', '')))
}

/** A diagnostic in this language: its title, and its sentence, which stays English where it is the API server's. */
export function problemText(diagnostic: Diagnostic, { problems }: Messages): { readonly title: string; readonly sentence: string } {
  const titles: Readonly<Record<string, string | undefined>> = problems.titles
  const { code, params, message } = diagnostic
  return { title: titles[code] ?? '', sentence: problems.sentences[code]?.(params ?? {}) ?? message }
}

/** The shortest name of an event, for the scrubber. */
export function shortOf(event: TraceEvent, messages: Messages): string {
  const { short } = messages.story
  const { step } = event
  switch (step.step) {
    case 'rewrite':
      return short[step.what]
    case 'exit':
      if (!crossesNodes(event)) return short.exit
      return event.place.at === 'node' && step.next.at === 'node' ? short.crossing(short.node, short.node) : `→ ${step.next.name}`
    case 'receive':
      return step.outcome === 'refused' ? short.refused : step.outcome === 'answered' ? short.answers : short.receive
    case 'rule':
      return step.chain
    default:
      return short[step.step]
  }
}

/** The mark of an event; most events have none. */
export function markOf(event: TraceEvent): Mark {
  const { step } = event
  switch (step.step) {
    case 'resolve':
      return 'lookup'
    case 'choose':
    case 'match':
      return 'match'
    case 'rewrite':
      return 'rewrite'
    case 'exit':
      return crossesNodes(event) ? 'crossing' : 'plain'
    case 'receive':
      return step.outcome === 'accepted' || step.outcome === 'answered' ? 'deliver' : 'fail'
    case 'send':
      return event.reply ? 'reply' : 'plain'
    case 'end':
      return isGood(step.verdict) ? 'done' : 'fail'
    default:
      return 'plain'
  }
}

/** The packet as it is after an event; undefined where the event has none. */
export function packetAfter(step: Step): Packet | undefined {
  switch (step.step) {
    case 'rewrite':
      return step.after
    case 'resolve':
    case 'http':
    case 'match':
      return undefined
    default:
      return step.packet
  }
}

function crossesNodes(event: TraceEvent): boolean {
  return event.step.step === 'exit' && event.place.at !== 'pod' && event.step.next.at !== 'pod'
}

const sourceOf = (packet: Packet) => addressText(packet.src, packet.sport)
const destinationOf = (packet: Packet) => addressText(packet.dst, packet.dport)
const flagsOf = (packet: Packet) => (packet.flags ? ` (${packet.flags})` : packet.message ? ` (${packet.message.icmp})` : '')

function resolveText(step: Extract<Step, { step: 'resolve' }>, { story }: Messages): string {
  const { question, type, server } = step
  if (step.rcode === 'NXDOMAIN') return story.resolve.nxdomain(question, type, server)
  if (step.rcode === 'NODATA' || step.answers.length === 0) return story.resolve.nodata(question, type, server)
  return story.resolve.found(question, type, server, step.answers.map((answer) => answer.value).join(', '))
}

function ruleText(step: Extract<Step, { step: 'rule' }>, { story }: Messages): string {
  const { chain, verdict, missed } = step
  // Rules are counted from 1, as `iptables --line-numbers` does.
  const index = step.index + 1
  const [word = '', ...rest] = verdict.split(' ')
  const after = missed.to <= missed.from ? '' : story.rule.missed(missed.to - missed.from)
  const target = rest.join(' ')
  const plain = word.toLowerCase()
  if ((plain === 'jump' || plain === 'goto') && target) return story.rule.jump(chain, index, target) + after
  if (plain === 'dnat' && target) return story.rule.dnat(chain, index, target.replace(/^to /, '')) + after
  if (plain === 'masquerade' || plain === 'accept' || plain === 'drop' || plain === 'reject' || plain === 'return' || plain === 'mark') {
    return story.rule[plain](chain, index) + after
  }
  return story.rule.other(chain, index, verdict) + after
}

function chooseText(step: Extract<Step, { step: 'choose' }>, { story }: Messages): string {
  const picked = step.options[step.picked]?.to ?? ''
  if (step.options.length === 1) return story.choose.one(picked)
  const drew = step.drew === undefined ? '' : story.choose.drew(step.drew.toFixed(3))
  return story.choose.many(step.by, picked, step.picked + 1, step.options.length) + drew
}

function rewriteText(step: Extract<Step, { step: 'rewrite' }>, book: AddressBook, { story }: Messages): string {
  const { before, after, what } = step
  switch (what) {
    case 'dnat': {
      const vip = book.ownerOf(before.dst).kind === 'cluster-ip'
      return (vip ? story.rewrite.dnatVip : story.rewrite.dnat)(destinationOf(before), destinationOf(after))
    }
    case 'ipvs':
    case 'un-masquerade':
      return story.rewrite[what](destinationOf(before), destinationOf(after))
    case 'masquerade':
    case 'un-dnat':
      return story.rewrite[what](sourceOf(before), sourceOf(after))
    default:
      return unreachable(what)
  }
}
