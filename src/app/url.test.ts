import { describe, expect, test } from 'vitest'
import { encodeState } from '../store/share.ts'
import { readAddress } from './url.ts'

describe('the address bar', () => {
  test('every knob is read', () => {
    const search = '?scene=nodeport&mode=ipvs&seed=7&lang=zh&theme=projector&motion=off&clock=manual&embed=1&bare=1&at=3'
    expect(readAddress(search, '')).toEqual({
      scene: 'nodeport',
      mode: 'ipvs',
      seed: 7,
      language: 'zh',
      theme: 'projector',
      at: 3,
      motionOff: true,
      manualClock: true,
      embed: true,
      bare: true,
      broken: false,
      odd: [],
    })
  })

  test('without knobs nothing is chosen', () => {
    expect(readAddress('', '')).toEqual({ motionOff: false, manualClock: false, embed: false, bare: false, broken: false, odd: [] })
  })

  test.each([
    ['?mode=ebpf', 'mode'],
    ['?lang=de', 'lang'],
    ['?theme=pink', 'theme'],
    ['?seed=1e3', 'seed'],
    ['?at=last', 'at'],
  ])('%s is said to be odd, and ignored', (search, name) => {
    expect(readAddress(search, '').odd.map((knob) => knob.name)).toEqual([name])
  })

  test('a fragment is read, or said to be broken', () => {
    expect(readAddress('', `#${encodeState({ scene: 'httpbin' })}`)).toMatchObject({ shared: { scene: 'httpbin' }, broken: false })
    expect(readAddress('', '#v1=garbage')).toMatchObject({ broken: true })
    expect(readAddress('', '#').broken).toBe(false)
  })
})
