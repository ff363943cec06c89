import type { FamilyProgram } from '../../../kernel/program.ts'
import type { PrintedLine, ProxyMode } from '../../mode.ts'
import type { ProxyView } from '../../view.ts'

function compile(view: ProxyView): FamilyProgram {
  return { family: view.family, chains: [], sets: [], maps: [], servers: [], dummyAddresses: [], routeLocalnet: false }
}

function print(_program: FamilyProgram): readonly PrintedLine[] {
  return []
}

export const iptables: ProxyMode = { id: 'iptables', compile, print }
