import { expect, test } from 'vitest'
import { parseYaml } from '../source/yaml.ts'
import { recorded } from '../testing/vectors.ts'
import type { ApiObject, Cluster } from './cluster.ts'
import { createObject, type Outcome, updateObject, updateStatus } from './registry.ts'
import { decodeStruct } from './schema/decode.ts'
import { structOfKind } from './schema/table.ts'
import { settingsOf } from './settings.ts'

type Request = { op: 'create' | 'update' | 'status'; object: ApiObject }
type Expected = {
  ok: boolean
  object?: unknown
  reason?: string
  code?: number
  message?: string
  causes?: unknown[]
  warnings?: string[]
  strictError?: string
  nondeterministic?: boolean
}
type Session = { id: number; session: { serviceCIDRs: string[]; requests: Request[] }; expected: Expected[] }

/** Carries out one request as the recording did: decode, then write; the answer in the recording's form. */
function answer(cluster: Cluster, { op, object }: Request): { cluster: Cluster; answer: Expected } {
  const [at] = parseYaml({ name: '', text: JSON.stringify(object) }).documents
  const decoded = decodeStruct(at!, structOfKind(object.apiVersion, object.kind)!)
  const unknown = decoded.unknown.map(
    (path) =>
      `unknown field "${path
        .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
        .join('')
        .slice(1)}"`,
  )
  const strictError = decoded.error?.message ?? (unknown.length > 0 ? `strict decoding error: ${unknown.join(', ')}` : undefined)
  const strict = strictError ? { strictError } : {}
  if (decoded.error) return { cluster, answer: { ok: false, reason: 'BadRequest', code: 400, message: decoded.error.message, ...strict } }
  const write = { create: createObject, update: updateObject, status: updateStatus }[op]
  const outcome: Outcome = write(cluster, { ...decoded.value, apiVersion: object.apiVersion, kind: object.kind } as unknown as ApiObject, {
    now: 0,
  })
  if ('refused' in outcome) {
    const { causes, ...rest } = outcome.refused
    return { cluster, answer: { ok: false, ...rest, ...(causes.length > 0 ? { causes: [...causes] } : {}), ...strict } }
  }
  const { uid: _uid, creationTimestamp: _time, ...metadata } = outcome.object.metadata
  const plain = JSON.parse(JSON.stringify({ ...outcome.object, metadata }))
  const warnings = outcome.warnings.length > 0 ? { warnings: [...outcome.warnings] } : {}
  return { cluster: outcome.cluster, answer: { ok: true, object: plain, ...warnings, ...strict } }
}

/** Allocated numbers are random in the real API server; what is compared is that they are there. */
function blurred(expected: Expected): Expected {
  const text = JSON.stringify(expected)
    .replace(/"clusterIPs?":(?:"[\d.]+"|\["[\d.]+"\])/g, '"allocated":true')
    .replace(/"nodePort":\d+/g, '"nodePort":"some"')
  return JSON.parse(text)
}

const sessions = recorded<Session[]>('api-sessions.jsonl.gz')

test('all sessions are here', () => expect(sessions).toHaveLength(100))

test.each(sessions)('session $id', ({ session, expected }) => {
  let cluster: Cluster = { settings: { ...settingsOf({}), serviceCidrs: session.serviceCIDRs }, byKind: new Map() }
  for (const [index, request] of session.requests.entries()) {
    const result = answer(cluster, request)
    cluster = result.cluster
    const { nondeterministic, ...wanted } = expected[index]!
    // A plain Go error has no code.
    const { code, ...rest } = result.answer
    const got = wanted.code === undefined && wanted.reason === 'Error' ? rest : { ...rest, ...(code === undefined ? {} : { code }) }
    if (nondeterministic) expect(blurred(got), `request ${index}`).toEqual(blurred(wanted))
    else expect(got, `request ${index}`).toEqual(wanted)
  }
})
