import type { Messages } from '../../messages.ts'
import { details } from './details.ts'
import { problems } from './problems.ts'
import { shell } from './shell.ts'
import { stage } from './stage.ts'
import { story } from './story.ts'

export const en: Messages = { language: 'en', shell, stage, story, problems, details }
