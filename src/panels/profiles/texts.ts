import { createContext, useContext } from 'react'
import type { Difference } from '../../core/l7/compare/compared.ts'
import { answers } from '../../core/l7/reasons.ts'
import { useText } from '../../store/hooks.tsx'
import type { ProfileTexts } from '../../text/profiles.ts'
import { reasonIn } from '../../view/reason.ts'

const TextsContext = createContext<ProfileTexts | undefined>(undefined)
export const TextsProvider = TextsContext.Provider

/** The panel's own words. */
export function useTexts(): ProfileTexts {
  const texts = useContext(TextsContext)
  if (!texts) throw new Error('no TextsProvider above')
  return texts
}

/** A profile as people call it. */
export function useProfileName(): (profile: string) => string {
  const { names } = useTexts()
  return (profile) => names[profile] ?? profile
}

/** The words that a difference's sentence is made with. */
export function useReasons(difference?: Difference): { readonly why: string; readonly reason: (code: string) => string } {
  const { reasons } = useTexts()
  const messages = useText()
  const ours: Readonly<Record<string, string>> = answers
  const reason = (code: string) => reasons[code] ?? messages.story.answers[code] ?? ours[code] ?? code
  return { why: difference?.reason ? reasonIn(difference.reason, messages) : '', reason }
}
