import type { Messages } from '../../messages.ts'

export const shell = {
  title: 'Kubehop',
  notices: {
    noScene: (name: string) => `没有名为“${name}”的场景，改为显示默认场景。`,
    brokenState: '无法读取链接中的状态，改为显示默认场景。',
    sentInLastValid: '当前 YAML 无法加载：请求是在最后一个有效的集群中发送的。',
    editsKept: '正在显示你编辑过的 YAML。“重置”可恢复场景原样。',
  },
} satisfies Messages['shell']
