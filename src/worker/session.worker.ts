import { createSession } from '../core/sim/frontdoor.ts'
import { type Answer, type FromWorker, isRare, type Question, type ToWorker } from '../core/sim/session.ts'

/**
 * The simulator's end: one question after the other, in order. A mistake of ours is answered as `crash`, so that nobody waits for ever.
 * A load that has a newer one behind it is still answered, by the newer one's world: the page drops late answers by their number.
 */
const session = createSession()

/** A big cluster's load is worth telling about; a small one's is over before anybody looks. */
const LONG = 200_000

function answerTo(id: number, question: Question): Answer {
  const size = question.ask === 'load' ? question.files.reduce((sum, { text }) => sum + text.length, 0) : 0
  try {
    return session.answer(question, (progress) => {
      if (size > LONG) postMessage({ id, progress } satisfies FromWorker)
    })
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { answer: 'crash', message, stack: stack ?? '' }
  }
}

/** Questions are answered in the order they came, also while one waits for code to arrive. */
let turn: Promise<void> = Promise.resolve()
let taught = false
let taughtRoutes = false

/** Fetches what answers the rarer questions, once. Without a network the session says what it cannot do, or says less. */
async function prepare(question: Question): Promise<void> {
  try {
    if (!taught && isRare(question)) {
      session.teach((await import('../core/sim/rareviews.ts')).rareViews)
      taught = true
    }
    if (!taughtRoutes && question.ask === 'load' && question.files.some(({ text }) => /ingress|gateway/i.test(text))) {
      session.teachRoutes((await import('../core/sim/routefindings.ts')).routeFindings)
      taughtRoutes = true
    }
  } catch {
    // It is tried again with the next question that needs it.
  }
}

self.onmessage = ({ data: { id, question } }: MessageEvent<ToWorker>) => {
  turn = turn.then(async () => {
    await prepare(question)
    postMessage({ id, answer: answerTo(id, question) } satisfies FromWorker)
  })
}
