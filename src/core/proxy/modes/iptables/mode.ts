import type { ProxyMode } from '../../mode.ts'
import { compile } from './compile.ts'
import { print } from './print.ts'

/** kube-proxy's iptables mode. */
export const iptables: ProxyMode = { id: 'iptables', compile, print }
