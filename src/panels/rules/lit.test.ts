import { expect, test } from 'vitest'
import type { Packet } from '../../core/kernel/packet.ts'
import type { Step } from '../../core/trace/trace.ts'
import type { TraceEvent } from '../../store/playback.ts'
import { lightOf, litOf } from './lit.ts'

const packet = { family: 'IPv4', protocol: 'TCP', src: '10.0.0.1', dst: '10.96.0.1', sport: 1, dport: 80, ttl: 64, mark: 0 } as Packet

function event(step: Step): TraceEvent {
  return { hop: 0, place: { at: 'node', name: 'worker' }, step, reply: false } as TraceEvent
}

const rule = (index: number, id: string, from: number): Step => ({
  step: 'rule',
  hook: 'prerouting',
  table: 'nat',
  chain: 'KUBE-SERVICES',
  index,
  rule: id,
  text: '',
  verdict: 'continue',
  missed: { from, to: index },
  packet,
})

test('rules are lit by name when matched and by place when tried in vain, in their own family', () => {
  const lit = litOf([event(rule(2, 'nat/KUBE-SERVICES/web', 0))], 1, 'worker')
  const line = (at: number, name: string, family: 'IPv4' | 'IPv6' = 'IPv4') =>
    lightOf({ text: '', rule: `nat/KUBE-SERVICES/${name}`, at: `nat/KUBE-SERVICES/${at}`, family }, lit)
  expect([line(0, 'dns'), line(1, 'api'), line(2, 'web'), line(3, 'rest')]).toEqual(['missed', 'missed', 'current', undefined])
  expect(line(2, 'web', 'IPv6')).toBeUndefined()
})
