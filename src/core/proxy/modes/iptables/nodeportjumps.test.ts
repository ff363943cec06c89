import { expect, test } from 'vitest'
import { smallWorld } from '../../../testing/smallworld.ts'
import { worldCluster } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { iptables } from './mode.ts'

const interfaces = [
  { name: 'lo', addrs: ['127.0.0.1/8'] },
  { name: 'eth0', addrs: ['192.168.0.11/24'] },
  { name: 'eth1', addrs: ['172.16.9.1/24'] },
]

/** To which addresses the jumps to KUBE-NODEPORTS are bound, in order. */
function jumps(options: object): readonly string[] {
  const cluster = worldCluster({ ...smallWorld, nodes: [{ name: 'a', ip: '192.168.0.11', interfaces }], options })
  const [view] = proxyViewsOf(cluster, 'a', 'iptables')
  const lines = view ? iptables.print(iptables.compile(view)).map(({ text }) => text) : []
  return lines
    .filter((line) => line.startsWith('-A KUBE-SERVICES') && line.endsWith('-j KUBE-NODEPORTS'))
    .map((line) => line.split('"')[2] ?? '')
}

test.each([
  ['all', {}, [' -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS']],
  ['all, none by loopback', { localhostNodePorts: false }, [' -m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j KUBE-NODEPORTS']],
  [
    'some, by text',
    { nodePortAddresses: ['192.168.0.0/16', '172.16.0.0/12', '127.0.0.0/8'] },
    [' -d 127.0.0.1 -j KUBE-NODEPORTS', ' -d 172.16.9.1 -j KUBE-NODEPORTS', ' -d 192.168.0.11 -j KUBE-NODEPORTS'],
  ],
  [
    'some, none by loopback',
    { nodePortAddresses: ['127.0.0.0/8', '192.168.0.0/24'], localhostNodePorts: false },
    [' -d 192.168.0.11 -j KUBE-NODEPORTS'],
  ],
])('nodePortAddresses: %s', (_, options, expected) => expect(jumps(options)).toEqual(expected))
