import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codes } from '../core/api/codes.ts'
import { because as reasonFor, whyCodes, whyText } from '../core/controllers/why.ts'
import { answers, because, reasonCodes, reasonText } from '../core/l7/reasons.ts'
import { verdictReasons } from '../core/trace/verdict.ts'
import { en } from '../text/lang/en/index.ts'
import { details } from '../text/lang/zh/details.ts'
import { zh } from '../text/lang/zh/index.ts'
import { problems } from '../text/lang/zh/problems.ts'
import { story } from '../text/lang/zh/story.ts'
import { becauseIn, reasonIn } from './reason.ts'

const HAN = /\p{Script=Han}/u

describe('nothing that the core gives a reason for is left without Chinese words', () => {
  test.each(reasonCodes)('a route: %s', (code) => {
    expect(details.routing.reasons[code]?.({})).toMatch(HAN)
  })

  test.each(Object.keys(answers))('a proxy that answers by itself: %s', (code) => {
    expect(story.answers[code]).toMatch(HAN)
  })

  test.each(verdictReasons)('a verdict: %s', (code) => {
    expect(story.reasons[code]?.({})).toMatch(HAN)
  })

  test.each(whyCodes)('a write of the control plane: %s', (code) => {
    expect(details.because[code]?.({})).toMatch(HAN)
  })

  /** Diagnostics that quote the API server, kubectl or the parser, and those about Kubehop's own formats, which say one thing each. */
  const quoted = (code: string) =>
    /^(FIELD_|API_)/.test(code) ||
    ['YAML_SYNTAX', 'NOT_AN_OBJECT', 'KIND_MISSING', 'NO_KIND_MATCH', 'UNKNOWN_FIELD', 'SCENARIO_INVALID', 'SETTINGS_INVALID'].includes(
      code,
    )

  test.each(Object.keys(codes).filter((code) => !quoted(code)))('a diagnostic: %s', (code) => {
    expect(problems.sentences[code]?.({})).toMatch(HAN)
  })

  test('and none has words without a reason', () => {
    expect(Object.keys(details.because).sort()).toEqual([...whyCodes].sort())
    expect(Object.keys(details.routing.reasons).sort()).toEqual([...reasonCodes].sort())
    expect(Object.keys(story.answers).sort()).toEqual(Object.keys(answers).sort())
    expect(Object.keys(story.reasons).sort()).toEqual([...verdictReasons].sort())
  })
})

test('the README lists the reasons of verdicts', () => {
  const text = readFileSync('README.md', 'utf8')
  expect(verdictReasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([])
})

test('a route that is outranked says by what', () => {
  const reason = { ...because('ranks-lower'), than: because('prefix-block', { count: 5 }) }
  expect(reasonText(reason)).toBe('matches too, but ranks lower: the longest prefix block wins: 5 characters')
  expect(reasonIn(reason, zh)).toBe('也匹配，但排名靠后：最长的前缀块胜出：5 个字符')
  expect(reasonText(because('host', { host: '', pattern: 'a.com' }))).toBe('host (none) is not a.com')
  expect(reasonText(because('gateway-path', { host: '', type: 'Exact', count: 2 }))).toBe('every host, Exact of 2 characters')
})

test('a write of the control plane, in both languages', () => {
  const why = reasonFor('scaled-up', { name: 'web-1', from: 1, to: 3 })
  expect(whyText(why)).toBe('Scaled up replica set web-1 from 1 to 3.')
  expect(becauseIn({ why: whyText(why), because: why }, en)).toBe('Scaled up replica set web-1 from 1 to 3.')
  expect(becauseIn({ why: whyText(why), because: why }, zh)).toBe('ReplicaSet web-1 从 1 扩到 3。')
})
