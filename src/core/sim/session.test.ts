import { describe, expect, test } from 'vitest'
import { CLIENT, deployment, documents, service } from '../testing/scene.ts'
import { createSession } from './frontdoor.ts'
import { outcomeOf } from './outcome.ts'
import type { Answer, Question } from './session.ts'

const WEB = documents(CLIENT, deployment('web', 2, 8080), service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 9090}]'))
const loadOf = (text: string, more: Partial<Extract<Question, { ask: 'load' }>> = {}): Question => ({
  ask: 'load',
  files: [{ name: 'a.yaml', text }],
  seed: 42,
  bare: false,
  ...more,
})
const sendOf = (to: string): Question => ({ ask: 'send', request: { from: 'pod/default/client', to }, all: false })

function answerOf<K extends Answer['answer']>(answer: Answer, kind: K): Extract<Answer, { answer: K }> {
  if (answer.answer !== kind) throw new Error(`${answer.answer}: ${JSON.stringify(answer)}`)
  return answer as Extract<Answer, { answer: K }>
}

describe('session', () => {
  test('broken YAML keeps the last good world, and says what is wrong', () => {
    const session = createSession()
    expect(answerOf(session.answer(loadOf(WEB)), 'load').snapshot).toBeDefined()
    const broken = answerOf(session.answer(loadOf(`${WEB}\n---\nkind: [`)), 'load')
    expect(broken.snapshot).toBeUndefined()
    expect(broken.diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    expect(answerOf(session.answer(sendOf('http://web/')), 'send').traces[0]?.verdict.code).toBe('REFUSED')
  })

  test('broken from the start: what is valid is shown', () => {
    const first = answerOf(createSession().answer(loadOf(`${WEB}\n---\nkind: [`)), 'load')
    expect(first.snapshot?.objects.some(({ kind, metadata }) => kind === 'Service' && metadata.name === 'web')).toBe(true)
  })

  test('every origin of a trace that was written has its range, also by way of owners', () => {
    const session = createSession()
    session.answer(loadOf(WEB))
    const { traces, ranges } = answerOf(session.answer(sendOf('http://web/')), 'send')
    const said = Object.fromEntries(
      Object.entries(ranges).map(([key, { start, end }]) => [
        key.replace(/-[a-z0-9]{5,10}(-[a-z0-9]{5})?(?=#)/, ''),
        WEB.slice(start, end),
      ]),
    )
    expect(traces[0]?.verdict.by?.origin).toEqual({ object: 'Service/default/web', path: ['spec', 'ports', 0, 'targetPort'] })
    expect(said['Service/default/web#spec.ports[0].targetPort']).toBe('9090')
    expect(said['Service/default/web#spec.ports[0].port']).toBe('80')
    expect(said['Pod/default/web#spec.containers[0].ports']).toBe('[{containerPort: 8080}]')
  })

  test('rules, conntrack, and steps in the words of scenarios', () => {
    const session = createSession()
    session.answer(loadOf(WEB))
    const rules = answerOf(session.answer({ ask: 'rules', node: 'demo-worker', mode: 'nftables' }), 'rules')
    expect(rules.lines[0]?.text).toBe('# IPv4')
    expect(rules.lines.some(({ text }) => text.startsWith('add table ip kube-proxy'))).toBe(true)
    // Nobody listens: the reset that answers takes the entry away.
    session.answer(sendOf('http://web/'))
    expect(answerOf(session.answer({ ask: 'conntrack', node: 'demo-worker' }), 'conntrack').lines).toEqual([])
    session.answer(sendOf('http://kubernetes.default:443/'))
    expect(answerOf(session.answer({ ask: 'conntrack', node: 'demo-worker' }), 'conntrack').lines.join('\n')).toContain('dport=443')
    const before = answerOf(session.answer({ ask: 'act', step: { wait: '5s' } }), 'act')
    expect(before.snapshot.now).toBe(5000)
    expect(answerOf(session.answer({ ask: 'act', step: { dance: 1 } }), 'act').refused).toContain('must be one of')
    expect(answerOf(session.answer({ ask: 'act', step: { delete: 'Pod/default/nope' } }), 'act').refused).toContain('not found')
    const frozen = answerOf(session.answer({ ask: 'act', step: { freeze: 'demo-worker' } }), 'act')
    expect(frozen.snapshot.proxies.find(({ node }) => node === 'demo-worker')?.state).toBe('frozen')
  })

  test('a node without what ipvs needs has no rules, and the reason stands there', () => {
    const session = createSession()
    const node =
      '{apiVersion: v1, kind: Node, metadata: {name: alone, annotations: {kubehop.dev/ipvs: unavailable}}, spec: {podCIDR: 10.244.1.0/24}, status: {addresses: [{type: InternalIP, address: 172.18.0.9}]}}'
    const loaded = answerOf(session.answer(loadOf(documents(WEB, node), { mode: 'ipvs' })), 'load')
    expect(loaded.snapshot?.proxies).toMatchObject([{ node: 'alone', state: 'broken' }])
    const { lines } = answerOf(session.answer({ ask: 'rules', node: 'alone', mode: 'ipvs' }), 'rules')
    expect(lines.map(({ text }) => text)).toEqual([expect.stringContaining('before 1.26 it fell back to iptables')])
    expect(answerOf(session.answer({ ask: 'rules', node: 'alone', mode: 'iptables' }), 'rules').lines.length).toBeGreaterThan(20)
  })

  test('slices of a tally count what one send of as many requests sends, and give one trace of each outcome', () => {
    const good = documents(
      CLIENT,
      deployment('web', 3, 8080),
      service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
    )
    const request = { from: 'pod/default/client', to: 'http://web/' }
    const whole = createSession()
    whole.answer(loadOf(good))
    const counted: Record<string, number> = {}
    for (const trace of answerOf(whole.answer({ ask: 'send', request: { ...request, count: 60 }, all: false }), 'send').traces)
      counted[outcomeOf(trace)] = (counted[outcomeOf(trace)] ?? 0) + 1
    const sliced = createSession()
    sliced.answer(loadOf(good))
    const sums: Record<string, number> = {}
    let traces = 0
    for (const [i, count] of [10, 25, 25].entries()) {
      const answer = answerOf(
        sliced.answer({ ask: 'tally', request: { ...request, count }, all: i === 0, known: Object.keys(sums) }),
        'tally',
      )
      for (const [outcome, more] of Object.entries(answer.counts)) sums[outcome] = (sums[outcome] ?? 0) + more
      traces += answer.traces.length
      if (i === 0) expect(answer.traces[0]?.ways).toHaveLength(3)
    }
    expect(sums).toEqual(counted)
    expect(traces).toBe(3)
  })

  test('another mode or seed changes no object', () => {
    const session = createSession()
    const objects = (answer: Answer) => JSON.stringify(answerOf(answer, 'load').snapshot?.objects)
    const first = objects(session.answer(loadOf(WEB)))
    expect(objects(session.answer(loadOf(WEB, { mode: 'ipvs', seed: 7 })))).toBe(first)
    expect(answerOf(session.answer(sendOf('http://web/')), 'send').traces[0]?.mode).toBe('ipvs')
  })

  test('a request that makes no sense is said, not sent; nothing loaded is said', () => {
    const session = createSession()
    expect(session.answer(sendOf('http://web/')).answer).toBe('crash')
    session.answer(loadOf(WEB))
    for (const to of ['', 'ftp://web/', 'web:99999', 'ping', 'http://a b/']) {
      expect(answerOf(session.answer(sendOf(to)), 'send').error).toBeTruthy()
    }
  })

  test('answers are plain data', () => {
    const session = createSession()
    for (const question of [loadOf(WEB), sendOf('http://web/'), { ask: 'act', step: { wait: '1s' } } as const]) {
      const answer = session.answer(question)
      expect(structuredClone(answer)).toEqual(answer)
    }
  })
})
