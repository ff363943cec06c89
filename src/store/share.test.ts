import { deflateSync, strToU8 } from 'fflate'
import { describe, expect, test } from 'vitest'
import { decodeState, encodeState, requestOf, type SharedState } from './share.ts'

const full: SharedState = {
  scene: 'httpbin',
  files: [{ name: 'a.yaml', text: 'kind: Pod # 豆荚\n' }],
  request: { from: 'pod/default/client', to: 'http://web/', method: 'GET', headers: { Host: 'shop' }, count: 10, connection: 'keep-alive' },
  mode: 'ipvs',
  seed: 7,
  at: 12,
}
const link = (value: unknown) => {
  const bytes = deflateSync(strToU8(typeof value === 'string' ? value : JSON.stringify(value)))
  return `v1=${Buffer.from(bytes).toString('base64url')}`
}

describe('share links', () => {
  test('what goes in comes out', () => {
    expect(decodeState(encodeState(full))).toEqual(full)
    expect(decodeState(`#${encodeState(full)}`)).toEqual(full)
    expect(decodeState(encodeState({ scene: 'nodeport' }))).toEqual({ scene: 'nodeport' })
  })

  test('links of earlier versions stay readable', () => {
    expect(decodeState('#v1=q1YqTk7NS1WyUsooKSlIysxTqgUA')).toEqual({ scene: 'httpbin' })
  })

  test('a link is safe to paste anywhere', () => {
    expect(encodeState(full)).toMatch(/^v1=[\w-]+$/)
  })

  test.each([
    ['another version', 'v2=abc'],
    ['no base64', 'v1=%%%'],
    ['no deflate', 'v1=AAAA'],
    ['cut short', encodeState(full).slice(0, 40)],
    ['too long', `v1=${'A'.repeat(70_000)}`],
    ['no JSON', link('{')],
    ['no object', link([1])],
    ['no scene', link({ files: [] })],
    ['files of the wrong shape', link({ scene: 'a', files: [{ name: 1 }] })],
    ['an unknown mode', link({ scene: 'a', mode: 'ebpf' })],
    ['a seed that is no number', link({ scene: 'a', seed: '1' })],
    ['a bomb', link({ scene: 'x'.repeat(30_000_000) })],
  ])('%s is refused', (_name, fragment) => {
    expect(decodeState(fragment)).toBeUndefined()
  })

  test('of a request only known fields of the right type are taken', () => {
    expect(requestOf({ from: 'outside', to: 'a:1', expect: {}, count: -1, protocol: 'gre', method: 'PUT' })).toEqual({
      from: 'outside',
      to: 'a:1',
      method: 'PUT',
    })
    expect(requestOf({ from: 'outside' })).toBeUndefined()
    expect(requestOf(JSON.parse('{"from":"a","to":"b","__proto__":{"via":"x"}}'))).toEqual({ from: 'a', to: 'b' })
  })
})
