import { expect, test } from 'vitest'
import type { Ingress } from '../../core/api/kinds/ingress.ts'
import { DIFFERENCE_CODES, PROBE_KINDS } from '../../core/l7/compare/compared.ts'
import { profiles as known } from '../../core/l7/profiles/index.ts'
import { loadProfileTexts } from '../../text/profiles.ts'
import { readHeaders } from '../../ui/headers.ts'
import { lettersOf, prefilled } from './asked.ts'

const ingress = (name: string, host?: string): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default' },
  spec: { rules: [{ ...(host === undefined ? {} : { host }) }] },
})
const named = [ingress('w', '*.h.test'), ingress('e', 'a.h.test')]

test.each([
  ['http://a.h.test/x?y=1', {}, named, 'Ingress/default/e', 'a.h.test', '/x?y=1'],
  ['https://B.H.TEST:8443', {}, named, 'Ingress/default/w', 'B.H.TEST:8443', '/'],
  ['http://172.18.0.3:30080/', { host: 'a.h.test', 'X-A': '1' }, named, 'Ingress/default/e', 'a.h.test', '/'],
  ['http://172.18.0.3:30080/', {}, named, undefined, undefined, undefined],
  ['http://172.18.0.3:30080/', {}, [...named, ingress('any')], 'Ingress/default/any', '172.18.0.3:30080', '/'],
  ['http://web/', {}, named, undefined, undefined, undefined],
  ['ping web', {}, named, undefined, undefined, undefined],
] as const)('%s with %j', (to, headers, ingresses, key, host, path) => {
  const asked = prefilled({ from: 'outside', to, headers }, ingresses)
  expect([asked.ingress, asked.request?.host, asked.request?.path]).toEqual([key, host, path])
  expect(Object.keys(asked.request?.headers ?? {})).toEqual('X-A' in headers ? ['X-A'] : [])
})

test('headers are read by the line, answers get letters', () => {
  expect(readHeaders('Cookie: a=b:c\nnonsense\n: x\n X-A :1')).toEqual({ Cookie: 'a=b:c', 'X-A': '1' })
  expect(lettersOf(['x', 'y', 'x', 'z'])).toEqual(['A', 'B', 'A', 'C'])
})

test.each(['en', 'zh'] as const)('every difference, probe and profile has its words: %s', async (language) => {
  const texts = await loadProfileTexts(language)
  const words = { why: 'why', reason: (code: string) => code }
  for (const code of DIFFERENCE_CODES) {
    expect(texts.difference[code], code).toBeTruthy()
    expect(texts.sentence[code]?.({}, words), code).toBeTruthy()
  }
  for (const kind of PROBE_KINDS) expect(texts.kinds[kind], kind).toBeTruthy()
  for (const { name } of known) expect([texts.names[name], texts.hints[name], texts.servers[name]?.('x')].every(Boolean), name).toBe(true)
})
