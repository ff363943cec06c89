import type { Messages } from '../../messages.ts'

type Say = (...parts: string[]) => string

/** 核心用英文说明候选规则为何胜出或落选；这里逐句译出，不认识的原样显示。 */
const REASONS: readonly (readonly [RegExp, Say])[] = [
  [/^matches too, but ranks lower: (.*)$/, (rank = '') => `也匹配，但排名靠后：${why(rank)}`],
  [/^host (.*) is not (.*)$/, (host = '', pattern = '') => `主机 ${host === '(none)' ? '（无）' : host} 不是 ${pattern}`],
  [/^path (.*) does not match exactly (.*)$/, (path = '', value = '') => `路径 ${path} 不等于 ${value}`],
  [/^path (.*) does not match the elements of (.*)$/, (path = '', value = '') => `路径 ${path} 不以路径元素 ${value} 开头`],
  [/^path (.*) does not match the text prefix (.*)$/, (path = '', value = '') => `路径 ${path} 不以文本 ${value} 开头`],
  [/^path (.*) does not match the pattern (.*)$/, (path = '', value = '') => `路径 ${path} 不匹配正则 ${value}`],
  [/^method (.*) is not (.*)$/, (method = '', value = '') => `方法 ${method} 不是 ${value}`],
  [/^the request came by (.*)$/, (scheme = '') => `请求是经 ${scheme} 来的`],
  [/^header (.*) is absent$/, (name = '') => `没有请求头 ${name}`],
  [/^header (.*) is (".*")$/, (name = '', value = '') => `请求头 ${name} 为 ${value}`],
  [/^query parameter (.*) is absent$/, (name = '') => `没有查询参数 ${name}`],
  [/^query parameter (.*) is (".*")$/, (name = '', value = '') => `查询参数 ${name} 为 ${value}`],
  [/^the longest prefix block wins: (\d+) characters$/, (n = '') => `最长的前缀块胜出：${n} 个字符`],
  [/^the longest prefix wins: (\d+) characters$/, (n = '') => `最长的前缀胜出：${n} 个字符`],
  [/^an exact block goes before every prefix block$/, () => '精确匹配块先于所有前缀块'],
  [
    /^this host is in regex mode, where the first block in the file wins: longest text first \((\d+) characters\)$/,
    (n = '') => `该主机处于正则模式，文件中的第一个块胜出，文本最长的在前（${n} 个字符）`,
  ],
  [/^nginx adds the slash of a proxied location that ends in one$/, () => 'nginx 会为以斜杠结尾的代理位置补上斜杠'],
  [/^the app root is asked first$/, () => '应用根路径最先判断'],
  [/^the map of exact paths is asked first$/, () => '最先查精确路径表'],
  [/^what matches no rule is UNIMPLEMENTED$/, () => '不匹配任何规则的调用为 UNIMPLEMENTED'],
  [/^priority (\d+), the length of its rule$/, (n = '') => `优先级 ${n}，即其规则的长度`],
  [/^priority (-?\d+), the lowest there is$/, (n = '') => `优先级 ${n}，最低`],
  [/^priority (-?\d+), from its annotation$/, (n = '') => `优先级 ${n}，来自注解`],
  [/^(\d+) characters, (.*)$/, (n = '', type = '') => `${n} 个字符，${type}`],
  [/^(.*), (.*) of (\d+) characters$/, (host = '', type = '', n = '') => `${hosts(host)}，${type}，${n} 个字符`],
  [
    /^(.*), service of (\d+) and method of (\d+) characters$/,
    (host = '', s = '', m = '') => `${hosts(host)}，服务名 ${s} 个字符，方法名 ${m} 个字符`,
  ],
]

const hosts = (host: string) => (host === 'every host' ? '任意主机' : host)

function why(text: string): string {
  for (const [pattern, say] of REASONS) {
    const match = pattern.exec(text)
    if (match) return say(...match.slice(1))
  }
  return text
}

export const details = {
  routing: {
    title: (by: string) => `路由表 · ${by}`,
    label: '候选规则，按查询的顺序',
    won: '胜出',
    lost: '落选',
    none: '这个代理没有接受该主机名的服务器：没有候选规则。',
    noWinner: '没有候选规则胜出。',
    more: (count: number) => `另有 ${count} 条落选`,
    why,
  },
  http: {
    title: 'HTTP',
    request: '请求',
    response: '响应',
    cameIn: '到达时',
    sentOn: '转发时',
    method: '方法',
    host: 'Host',
    path: '路径',
    status: '状态码',
    headers: '头部',
    noHeaders: '没有自己的头部',
    added: '在此添加',
    removed: '在此移除',
    changed: '在此改变',
    was: (value: string) => `原为 ${value}`,
    tls: 'TLS 服务器名',
    noTls: '没有请求（地址不是名称）',
    cookies: (host: string) => `客户端保存的 ${host} 的 Cookie`,
    clear: '清除',
    cookiesHint: '清除之前，它们随发往该主机的每个请求一起发出。',
  },
  expected: (percent: string) => `预期 ${percent}`,
  node: {
    views: '查看该节点的什么',
    view: { rules: '规则', conntrack: 'conntrack -L', addresses: 'ip addr', routes: 'ip route', sets: '集合', ipvs: 'ipvsadm -L' },
    setsOf: { iptables: 'xt_recent', nftables: 'nft list sets', ipvs: 'ipset list' },
    empty: {
      conntrack: '该节点没有记住任何连接。发送一个经过它的请求试试。',
      addresses: '没有地址。',
      routes: '没有路由。',
      sets: {
        iptables: 'iptables 模式没有集合。启用 sessionAffinity 后，这里会列出见过的客户端（xt_recent）。',
        nftables: '没有集合。',
        ipvs: '没有 ipset。',
      },
      ipvs: '还没有用到任何虚拟服务器。',
    },
    list: (what: string, node: string) => `${node} 上的 ${what}`,
    thisRequest: '本次请求',
    reading: '正在读取……',
  },
  diff: {
    show: '查看改变了什么',
    hide: '收起改变',
    title: (object: string) => `${object} 的前后对比`,
    none: '时间太久，或没有写入任何对象。',
    added: '新增',
    removed: '删除',
  },
  endpoints: {
    note: '同一 Service 的旧式对象；kube-proxy 不读它',
    ready: (count: number) => `${count} 个就绪`,
    notReady: (count: number) => `${count} 个未就绪`,
    truncated: '在 1000 个地址处截断',
  },
  race: {
    modes: '模式',
    lanes: '请求经过的各站，每站一行，各模式并列',
    station: '站',
    step: (at: number, of: number) => `第 ${at} / ${of} 站`,
    back: '后退一站',
    on: '前进一站',
    all: '全部显示',
    difference: '差异',
    same: (what: string, value: string) => `${what}相同：${value}`,
    none: '不经过这里',
    rules: (matched: number, missed: number) => `${matched} 条（另有 ${missed} 条落空）`,
    silent: '原样通过',
    reply: '应答',
    atLeastTwo: '请至少选择两种模式。',
  },
  profiles: { tab: 'Ingress 比较' },
  convert: {
    tab: 'Ingress → Gateway',
    title: '等价的 Gateway API 对象',
    intro: '与 ingress2gateway 的写法一致。追加之前什么都不会改变。',
    append: '追加到 YAML',
    applied: '这些对象已在 YAML 中。',
    none: '没有可转换的 Ingress。',
    working: '正在转换……',
    notesTitle: '含义上的变化',
    noNotes: '含义没有变化。',
    both: '同一请求分别经过两者',
    again: '分别发送',
    asSent: '照原样发送',
    gateway: '经过 Gateway',
    noHttp: '请求栏中不是 HTTP 请求。',
    noAddress: 'Gateway 没有地址。',
    alike: '两者结果相同。',
    differ: '两者结果不同。',
    notes: {
      'wildcard-labels': (p) =>
        `${p['host']} 在 Ingress 中只代表一级域名，在 HTTPRoute 中代表一级或多级：a.b${p['host']?.slice(1)} 也会匹配。`,
      'implementation-specific': (p) =>
        `Ingress ${p['ingress']} 的 ${p['path']} 是 ImplementationSpecific，没有对应类型：改为 PathPrefix。`,
      'annotation-dropped': (p) => `Ingress ${p['ingress']} 的注解 ${p['annotation']} 没有对应物，已丢失。`,
      'ssl-redirect': (p) => `ingress-nginx 会把 Ingress ${p['ingress']} 的明文 HTTP 重定向到 https；HTTPRoute 不会。`,
      'regex-mode': (p) => `Ingress ${p['ingress']} 的路径在 ingress-nginx 中是正则表达式，这里是普通前缀。`,
      'default-backend': (p) => `Ingress ${p['ingress']} 的默认后端变成了该 Gateway 所有主机的路由。`,
      'resource-backend': (p) => `Ingress ${p['ingress']} 有资源后端，未转换。`,
      'named-port-missing': (p) => `Service ${p['service']} 没有名为“${p['port']}”的端口：该后端未转换。`,
      'no-address': (p) => `Gateway ${p['gateway']} 没有地址，谁也到不了它。`,
      'class-added': (p) => `添加了 GatewayClass ${p['name']}：Gateway 必须有人负责实现。`,
      'address-chosen': (p) => `从负载均衡地址池中给 Gateway ${p['gateway']} 分配了 ${p['address']}。`,
    },
  },
} satisfies Messages['details']
