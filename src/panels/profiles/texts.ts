import { createContext, useContext } from 'react'
import { useText } from '../../store/hooks.tsx'
import type { ProfileTexts } from '../../text/profiles.ts'

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
export function useReasons(): { readonly why: (text: string) => string; readonly reason: (code: string) => string } {
  const { reasons } = useTexts()
  const { why } = useText().details.routing
  return { why, reason: (code) => reasons[code] ?? code }
}
