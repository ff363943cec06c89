import type { Messages } from '../../messages.ts'

export const story = {
  start: '按空格键，跟随一个请求。',
} satisfies Messages['story']
