import type { details } from './lang/en/details.ts'
import type { problems } from './lang/en/problems.ts'
import type { shell } from './lang/en/shell.ts'
import type { stage } from './lang/en/stage.ts'
import type { story } from './lang/en/story.ts'

export type Language = 'en' | 'zh'

/** Every word shown to people, by area. The shape is English's; other languages must satisfy it. */
export type Messages = {
  readonly language: Language
  readonly shell: typeof shell
  readonly stage: typeof stage
  readonly story: typeof story
  readonly problems: typeof problems
  readonly details: typeof details
}
