import type { ProxyMode } from '../../mode.ts'
import { compileIpvs } from './compile.ts'
import { printIpvs } from './print.ts'

/** kube-proxy's ipvs mode. */
export const ipvs: ProxyMode = { id: 'ipvs', compile: compileIpvs, print: printIpvs }
