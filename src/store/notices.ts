import type { Messages } from '../text/messages.ts'
import type { Notice } from './state.ts'

let count = 0

/** A new notice; its text is a function, so that it changes language with the page. */
export function noticeOf(role: Notice['role'], text: (messages: Messages) => string): Notice {
  count += 1
  return { id: count, role, text }
}

/** The notices with one more; only the last few stay, since old news hides the page. */
export function withNotice(notices: readonly Notice[], role: Notice['role'], text: Notice['text']): readonly Notice[] {
  return [...notices, noticeOf(role, text)].slice(-3)
}
