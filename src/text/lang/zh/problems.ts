import type { Messages } from '../../messages.ts'

export const problems = {
  noTitle: '',
} satisfies Messages['problems']
