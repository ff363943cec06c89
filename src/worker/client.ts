import type { Answer, FromWorker, Question, ToWorker } from '../core/sim/session.ts'

export type Progress = { readonly done: number; readonly of: number; readonly what: string }

/** The page's end of the worker: questions in, promised answers out, in order. A worker that dies answers `crash` to all that wait. */
export type WorkerClient = { readonly ask: (question: Question) => Promise<Answer>; readonly close: () => void }

/** Starts the worker. `onProgress` hears of long loads. */
export function startWorker(onProgress: (progress: Progress) => void = () => undefined): WorkerClient {
  const waiting = new Map<number, (answer: Answer) => void>()
  let worker = open()
  let count = 0

  function open(): Worker {
    const opened = new Worker(new URL('./session.worker.ts', import.meta.url), { type: 'module' })
    opened.onmessage = (event: MessageEvent<FromWorker>) => {
      const message = event.data
      if ('progress' in message) return onProgress(message.progress)
      waiting.get(message.id)?.(message.answer)
      waiting.delete(message.id)
    }
    opened.onerror = (event) => {
      event.preventDefault()
      fail(event.message || 'the worker could not start')
    }
    return opened
  }

  /** A dead worker is replaced; whoever waited learns what happened. */
  function fail(message: string): void {
    for (const resolve of waiting.values()) resolve({ answer: 'crash', message, stack: '' })
    waiting.clear()
    worker.terminate()
    worker = open()
  }

  return {
    ask: (question) =>
      new Promise((resolve) => {
        count += 1
        waiting.set(count, resolve)
        worker.postMessage({ id: count, question } satisfies ToWorker)
      }),
    close: () => worker.terminate(),
  }
}
