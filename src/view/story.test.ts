import { describe, expect, test } from 'vitest'
import { codes } from '../core/api/codes.ts'
import { createSession } from '../core/sim/frontdoor.ts'
import { eventsOf } from '../core/trace/trace.ts'
import { scenarios } from '../scenarios/index.ts'
import { en } from '../text/index.ts'
import { zh } from '../text/lang/zh/index.ts'
import { addressBookOf } from './address.ts'
import { markOf, sentenceOf, shortOf } from './story.ts'

/** Every request of every scene, told in both languages. */
function told() {
  return scenarios.flatMap(({ name, text }) => {
    const session = createSession()
    const loaded = session.answer({ ask: 'load', files: [{ name: 'a.yaml', text }], seed: 42, bare: false })
    if (loaded.answer !== 'load' || !loaded.snapshot) return []
    const book = addressBookOf(loaded.snapshot)
    return (loaded.snapshot.scenario?.requests ?? []).slice(0, 2).flatMap((request) => {
      const sent = session.answer({ ask: 'send', request: { ...request, count: 1 }, all: false })
      return sent.answer === 'send' ? sent.traces.map((trace) => ({ name, book, events: eventsOf(trace) })) : []
    })
  })
}

describe('problems', () => {
  test('every code has a title in both languages', () => {
    for (const { problems } of [en, zh]) expect(Object.keys(codes).filter((code) => !(code in problems.titles))).toEqual([])
  })
})

describe('stories', () => {
  const stories = told()

  test('there is something to tell', () => {
    expect(stories.length).toBeGreaterThan(20)
  })

  test('every event of every scene is a whole sentence in both languages', () => {
    for (const { name, book, events } of stories) {
      for (const event of events) {
        for (const messages of [en, zh]) {
          const sentence = sentenceOf(event, book, messages)
          expect(sentence, `${name}: ${JSON.stringify(event.step)}`).toMatch(/[.。]$/)
          expect(sentence, name).not.toMatch(/undefined|NaN|\[object/)
          expect(shortOf(event, messages)).not.toBe('')
        }
        expect(markOf(event)).toBeDefined()
      }
    }
  })

  test('a Chinese verdict is Chinese', () => {
    for (const { name, book, events } of stories) {
      const end = events.at(-1)
      if (end) expect(sentenceOf(end, book, zh), name).toMatch(/[\u4e00-\u9fff]/)
    }
  })
})
