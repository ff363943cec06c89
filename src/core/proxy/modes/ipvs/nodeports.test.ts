import { expect, test } from 'vitest'
import { smallWorld } from '../../../testing/smallworld.ts'
import { worldCluster } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { nodePortIps } from './servers.ts'

const interfaces = [
  { name: 'lo', addrs: ['127.0.0.1/8', '::1/128'] },
  { name: 'eth0', addrs: ['192.168.0.11/24', '2001:db8::11/64', 'fe80::1/64'] },
]

test.each([
  [undefined, [['192.168.0.11'], ['2001:db8::11']]],
  [['192.168.0.0/24'], [['192.168.0.11'], ['2001:db8::11']]],
  [
    ['127.0.0.0/8', '::1/128'],
    [[], []],
  ],
  [['fe80::/10'], [['192.168.0.11'], ['fe80::1']]],
  [['::/0'], [['192.168.0.11'], ['2001:db8::11']]],
  [['primary'], [['192.168.0.11'], ['2001:db8::11']]],
])('nodePortAddresses %j: nodePorts are virtual servers on %j', (nodePortAddresses, expected) => {
  const nodes = [{ name: 'a', ips: ['192.168.0.11', '2001:db8::11'], interfaces }]
  const cluster = worldCluster({ ...smallWorld, nodes, options: nodePortAddresses ? { nodePortAddresses } : {} })
  expect(proxyViewsOf(cluster, 'a', 'ipvs').map(nodePortIps)).toEqual(expected)
})
