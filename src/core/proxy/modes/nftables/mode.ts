import type { ProxyMode } from '../../mode.ts'
import { compileNftables } from './compile.ts'
import { printNftables } from './print.ts'

/** kube-proxy's nftables mode. */
export const nftables: ProxyMode = { id: 'nftables', compile: compileNftables, print: printNftables }
