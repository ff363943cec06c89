import { describe, expect, test } from 'vitest'
import { recorded } from '../testing/vectors.ts'
import { load } from './load.ts'

type Cause = { reason: string; field: string; message: string }
type Vector = {
  id: string
  yaml: string | null
  rc: number
  stderr: string
  object?: Record<string, unknown>
  api?: { reason: string; message: string; causes: Cause[] | null }
}

/** Where our words differ from kubectl's, with the reason. Nothing else is let through. */
const ours: Readonly<Record<string, string>> = {
  'svc-namespace-missing': 'recorded with kubectl -n vt, which refuses the mismatch itself; here the namespace is said to be missing',
  'svc-duplicate-key': 'kubectl says nothing and keeps the last; here the same with a warning',
  'svc-wrong-apiversion': "the recorded Status is the Service endpoint's; here kubectl's words: no matches for kind",
  'dep-v1': "the recorded Status is the Deployment endpoint's; here kubectl's words: no matches for kind",
  'yaml-tab-indent': "our parser's words",
  'yaml-bad-indent': "our parser's words",
  'yaml-empty': 'an empty file is no error here',
}

const WORLD = `apiVersion: v1
kind: Namespace
metadata: {name: vt}
---
apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
networking: {serviceSubnet: 10.96.0.0/12}
`

const { vectors } = recorded<{ vectors: Vector[] }>('apiserver-mistakes.json.gz')

/** Names and numbers that a live server draws. */
function blurred(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/"clusterIPs":\["(?!None)[^\]]*\]/g, '"clusterIPs":["some"]')
    .replace(/"clusterIP":"(?!None)[^"]*"/g, '"clusterIP":"some"')
    .replace(/"(nodePort|healthCheckNodePort)":\d+/g, '"$1":0')
    .replace(/IPAddress.networking.k8s.io \\"[\d.]+\\"/g, 'IPAddress')
    .replace(/"name":"web-[a-z0-9]{5}"/g, '"name":"web-some"')
  return JSON.parse(text)
}

function read(vector: Vector) {
  const text = (vector.yaml ?? '').replace('metadata: {', 'metadata: {namespace: vt, ')
  const loaded = load(
    [
      { name: 'world', text: WORLD },
      { name: 'f', text },
    ],
    { bare: false },
  )
  const diagnostics = loaded.diagnostics.filter((diagnostic) => diagnostic.range.file === 'f' && diagnostic.severity !== 'info')
  const key = [...loaded.sources].find(([, range]) => range.file === 'f')?.[0] ?? ''
  return { diagnostics, object: loaded.cluster.byKind.get(key.slice(0, key.indexOf('/')))?.get(key) }
}

describe('what a live API server says to mistakes', () => {
  const written = vectors.filter((vector) => vector.yaml !== null && !ours[vector.id])

  test('they are all here', () => {
    expect(vectors).toHaveLength(255)
    expect(vectors.filter((vector) => vector.yaml === null).map((vector) => vector.id)).toEqual(['eps-1001-endpoints'])
  })

  test.each(written.filter((vector) => vector.rc !== 0))('$id is refused', (vector) => {
    const { diagnostics, object } = read(vector)
    const said = diagnostics.map(({ field, message }) => ({ field, message }))
    const causes = vector.api?.reason === 'Invalid' ? (vector.api.causes ?? []) : []
    if (causes.length > 0) {
      const distinct = new Map(causes.map(({ field, message }) => [`${field} ${message}`, { field, message }]))
      expect(blurred(said.filter(({ message }) => !vector.stderr.includes(`Warning: ${message}`)))).toEqual(blurred([...distinct.values()]))
      expect(diagnostics.some((diagnostic) => diagnostic.severity === 'error')).toBe(true)
      expect(object).toBeUndefined()
    } else if (vector.api?.message.includes('strict decoding error')) {
      const fields = [...vector.api.message.matchAll(/unknown field "([^"]+)"/g)].map((match) => match[1])
      const strict = diagnostics.filter((diagnostic) => diagnostic.code === 'UNKNOWN_FIELD')
      expect(strict.map((diagnostic) => diagnostic.field)).toEqual(fields)
      expect(strict.every((diagnostic) => vector.api?.message.includes(diagnostic.message.replace('strict decoding error: ', '')))).toBe(
        true,
      )
    } else {
      const real = vector.api?.message ?? vector.stderr
      expect(said.map(({ message }) => message).filter((message) => real.includes(message))).toHaveLength(1)
    }
  })

  test.each(written.filter((vector) => vector.rc === 0))('$id is accepted', (vector) => {
    const { diagnostics, object } = read(vector)
    const warnings = [...vector.stderr.matchAll(/Warning: (.*)/g)].map((match) => match[1])
    expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual(warnings)
    if (!vector.object || !object) return
    const { uid: _uid, creationTimestamp: _time, generation: _generation, ...metadata } = object.metadata
    const whole: Record<string, unknown> = { ...JSON.parse(JSON.stringify(object)), metadata }
    // Some recordings hold a part of the object only.
    const part = Object.fromEntries(Object.keys(vector.object).map((key) => [key, whole[key]]))
    const wanted = JSON.parse(JSON.stringify(vector.object)) as { metadata?: { generation?: number } }
    delete wanted.metadata?.generation
    expect(blurred(part)).toEqual(blurred(wanted))
  })
})
