import { type Family, hostPort } from '../../../base/ip.ts'
import { type AddressSet, type FamilyProgram, HASH_PORT, PERSISTENT, type VirtualServer } from '../../../kernel/program.ts'
import type { PrintedLine } from '../../mode.ts'
import { print as printIptables } from '../iptables/print.ts'
import { serverName } from './servers.ts'
import { memberText } from './sets.ts'

/**
 * All that ipvs mode programs, in the words of the tools that show it: `ipvsadm-save -n`, `ipset save`, the addresses of kube-ipvs0,
 * then the iptables text. Set members are in kube-proxy's spelling (`192.168.0.11/32`; ipset itself would print no `/32`).
 */
export function printIpvs(program: FamilyProgram): readonly PrintedLine[] {
  return [
    ...program.servers.flatMap(serverLines),
    ...program.sets.flatMap((set) => setLines(set, program.family)),
    ...program.dummyAddresses.map((ip) => ({ text: `ip addr add ${ip} dev kube-ipvs0`, rule: `kube-ipvs0/${ip}` })),
    ...printIptables(program),
  ]
}

function serverLines(server: VirtualServer): readonly PrintedLine[] {
  const name = `${protocolOption(server)} ${hostPort(server.address, server.port)}`
  const persistence = server.flags & PERSISTENT ? ` -p ${server.timeout}` : ''
  const schedulerFlags = server.flags & HASH_PORT ? ` -b ${server.scheduler}-port` : ''
  const rule = serverName(server)
  return [
    { text: `-A ${name} -s ${server.scheduler}${persistence}${schedulerFlags}`, rule },
    ...server.realServers.map(({ ip, port, weight }) => {
      const real = hostPort(ip, port)
      return { text: `-a ${name} -r ${real} -m -w ${weight}`, rule: `${rule} ${real}` }
    }),
  ]
}

function protocolOption({ protocol }: VirtualServer): string {
  return protocol === 'TCP' ? '-t' : protocol === 'UDP' ? '-u' : '--sctp-service'
}

function setLines(set: AddressSet, family: Family): readonly PrintedLine[] {
  const kind = family === 'IPv4' ? 'inet' : 'inet6'
  const options = set.type === 'bitmap:port' ? 'range 0-65535' : `family ${kind} hashsize 1024 maxelem 65536`
  return [
    { text: `create ${set.name} ${set.type} ${options}` },
    ...set.elements.map(({ key }) => ({ text: `add ${set.name} ${memberText(key)}`, rule: `@${set.name}/${memberText(key)}` })),
  ]
}
