import type { Messages } from '../../messages.ts'

export const stage = {
  stageLabel: '舞台：集群与请求经过的路径',
  editorLabel: 'YAML 编辑器',
} satisfies Messages['stage']
