import { describe, expect, test } from 'vitest'
import { addressBookOf, shorten, splitAddress } from './address.ts'
import { graphOf } from './graph.ts'
import { layoutOf } from './layout.ts'
import { motionOf, pointAt, timeAt } from './motion.ts'
import { journeyOf, objectsOf, sceneAt, shortChain } from './scene.ts'
import { droppedTrace, smallCluster, smallTrace } from './testing.ts'
import { boxAt } from './wires.ts'

function stage(trace = smallTrace()) {
  const promoted = objectsOf(trace)
  const graph = graphOf(smallCluster(), { showSystem: false, promoted, places: new Set() })
  const layout = layoutOf(graph, { size: 'roomy', promoted })
  const journey = journeyOf(trace, layout)
  return {
    layout,
    journey,
    motion: motionOf(
      journey,
      layout,
      journey.events.map(() => 100),
    ),
  }
}

const CHOSEN = 'Pod/default/web-7c9d8f6b5-vvx2c'

describe('scene', () => {
  test('nothing is shown before it happened', () => {
    const { journey } = stage()
    const start = sceneAt(journey, 0)
    expect(start.legs).toEqual([])
    expect([...start.kernels.values()].flat()).toEqual([])
    expect(start.chosen.size).toBe(0)
    for (let index = 0; index <= journey.events.length; index++) {
      const scene = sceneAt(journey, index)
      expect(scene.legs.every(({ departs }) => departs <= index)).toBe(true)
      expect([...scene.kernels.values()].flat().every(({ event }) => event <= index)).toBe(true)
    }
  })

  test('the endpoint is chosen when the choice is made, and every share is said', () => {
    const { journey } = stage()
    const choice = journey.events.findIndex(({ step }) => step.step === 'choose') + 1
    expect(sceneAt(journey, choice - 1).chosen.has(CHOSEN)).toBe(false)
    const scene = sceneAt(journey, choice)
    expect([...scene.chosen]).toEqual([CHOSEN])
    expect([...scene.shares.values()]).toEqual([1 / 3, 1 / 3, 1 / 3])
  })

  test('the rewritten address is marked on the leg after the rewrite', () => {
    const { journey } = stage()
    expect(journey.legs.map(({ ip, port, rewritten }) => `${ip}:${port}${rewritten ? ' ✎' : ''}`)).toEqual([
      '10.96.158.93:80',
      '10.244.2.7:80 ✎',
      '10.244.2.7:80',
      '10.244.2.7:80',
      '10.244.2.7:80',
      '10.96.158.93:80 ✎',
    ])
  })

  test('a kernel says what it did, in order', () => {
    const { journey } = stage()
    expect(journey.kernels.get('demo-worker')?.map(({ what, text }) => `${what} ${text}`)).toEqual([
      'track NEW',
      'rule KUBE-SERVICES #4',
      'choose statistic 0.83',
      'rule KUBE-SVC-FREK… #4',
      'rule KUBE-SEP-7RJ2… #3',
      'rewrite dst',
      'route eth0',
      'rewrite src',
    ])
  })

  test('a drop is marked at the kernel that did it, only at the end', () => {
    const { journey } = stage(droppedTrace())
    expect(sceneAt(journey, journey.events.length - 1).failure).toBeUndefined()
    expect(sceneAt(journey, journey.events.length).failure).toMatchObject({
      code: 'DROPPED_NO_LOCAL_ENDPOINTS',
      mark: 'drop',
    })
  })
})

describe('motion', () => {
  test('the packet starts at the client, ends at the client, and rests between two legs', () => {
    const { motion, journey, layout } = stage()
    const client = boxAt(layout, { at: 'pod', name: 'default/client' })
    const [start, end] = [pointAt(motion, 0), pointAt(motion, motion.total)]
    for (const { x, y } of [start, end]) {
      expect(client && x >= client.x && x <= client.x + client.w && y >= client.y && y <= client.y + client.h).toBe(true)
    }
    expect(motion.times).toHaveLength(journey.events.length + 1)
    expect(motion.total).toBe(journey.events.length * 100)
  })

  test('time goes on through an event and stops at its end', () => {
    const { motion } = stage()
    expect(timeAt(motion, 0, 0)).toBe(0)
    expect(timeAt(motion, 1, 0.5)).toBe(150)
    expect(timeAt(motion, 9999, 1)).toBe(motion.total)
  })

  test('one thing moves at a time: keyframes never go back in time', () => {
    const { motion } = stage()
    motion.keyframes.reduce((before, frame) => {
      expect(frame.time).toBeGreaterThanOrEqual(before.time)
      return frame
    })
  })

  test('it moves along a leg while its event goes on, and stands at the end of the line after', () => {
    const { motion, journey } = stage()
    for (const leg of journey.legs) {
      const last = leg.wire?.points.at(-1)
      expect(pointAt(motion, timeAt(motion, leg.departs, 0))).toEqual(last)
    }
  })
})

describe('addresses', () => {
  test.each([
    ['172.18.0.3', 'node-ip'],
    ['10.244.2.7', 'pod-ip'],
    ['10.96.158.93', 'cluster-ip'],
    ['10.96.0.99', 'cluster-ip'],
    ['10.244.9.9', 'pod-ip'],
    ['8.8.8.8', 'external'],
  ])('%s is a %s', (ip, kind) => expect(addressBookOf(smallCluster()).ownerOf(ip).kind).toBe(kind))

  test.each([
    ['10.0.0.1:80', '10.0.0.1', '80'],
    ['[fd00::1]:80', 'fd00::1', '80'],
    ['fd00::1', 'fd00::1', ''],
    ['10.0.0.1', '10.0.0.1', ''],
  ])('%s is taken apart', (text, ip, port) => expect(splitAddress(text)).toEqual({ ip, port }))

  test('a cut address keeps its end', () => expect(shorten('10.96.158.93:80', 9)).toBe('…58.93:80'))
  test('chain names keep what tells them apart', () => expect(shortChain('KUBE-SVC-FREKB6WNWYJLKTHC')).toBe('KUBE-SVC-FREK…'))
})
