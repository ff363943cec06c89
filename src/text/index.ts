import { en } from './lang/en/index.ts'
import type { Language, Messages } from './messages.ts'

export { en }

/** A language's words. English is always there; others are fetched once, when first wanted. */
export async function loadMessages(language: Language): Promise<Messages> {
  if (language === 'en') return en
  return (await import('./lang/zh/index.ts')).zh
}
