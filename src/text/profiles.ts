import type { profiles } from './lang/en/profiles.ts'
import type { Language } from './messages.ts'

export type ProfileTexts = typeof profiles

const LOADERS: Readonly<Record<Language, () => Promise<{ readonly profiles: ProfileTexts }>>> = {
  en: () => import('./lang/en/profiles.ts'),
  zh: () => import('./lang/zh/profiles.ts'),
}

/** The words of the comparison of controllers: many, and wanted by few, so that they come with its panel. */
export async function loadProfileTexts(language: Language): Promise<ProfileTexts> {
  return (await LOADERS[language]()).profiles
}
