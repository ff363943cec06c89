import type { Loaded } from '../api/load.ts'
import { compareProfiles } from '../l7/compare/compare.ts'
import { convertIngresses } from './convert.ts'
import { rangesOfOrigins } from './ranges.ts'
import type { Answer, Question } from './session.ts'
import type { World } from './world.ts'

/** The questions about Ingresses that few ask: the worker fetches what answers them when the first one comes. */
export type IngressQuestion = Extract<Question, { ask: 'convert' | 'profiles' }>
export type IngressViews = (question: IngressQuestion, world: World, loaded: Loaded) => Answer

/** Answers them; the world stays as it is. */
export const ingressViews: IngressViews = (question, world, loaded) => {
  if (question.ask === 'convert') {
    const conversion = convertIngresses(world, question.request)
    return { answer: 'convert', ...(conversion && { conversion }) }
  }
  const comparison = compareProfiles(world.cluster, question)
  const origins = (comparison?.profiles ?? []).flatMap(({ routes }) => routes.map(({ origin }) => origin))
  return { answer: 'profiles', ...(comparison && { comparison }), ranges: rangesOfOrigins(origins, world.cluster, loaded.located) }
}
