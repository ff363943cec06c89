import type { Cluster } from '../api/cluster.ts'
import type { Loaded } from '../api/load.ts'
import { printPath } from '../api/meta.ts'
import { hostPort } from '../base/ip.ts'
import type { FamilyProgram, Origin } from '../kernel/program.ts'
import type { PrintedLine } from '../proxy/mode.ts'
import { serverName } from '../proxy/modes/ipvs/servers.ts'
import { memberText } from '../proxy/modes/ipvs/sets.ts'
import type { SourceRange } from '../source/diagnostic.ts'
import { rangeOfOrigin } from './ranges.ts'

/** A place in the text that made a line what it is, and what it says: `Service web spec.ports[0].targetPort`. */
export type LineSource = { readonly range: SourceRange; readonly label: string }

/** The sources of many lines: each is told once, and lines name it by its place in the list. */
export class Sources {
  readonly all: LineSource[] = []
  private readonly known = new Map<string, number>()
  private readonly cluster: Cluster
  private readonly located: Loaded['located']

  constructor(cluster: Cluster, located: Loaded['located']) {
    this.cluster = cluster
    this.located = located
  }

  /** The places of origins, without those that nobody wrote, each once. */
  of(origins: readonly Origin[]): readonly number[] {
    return [...new Set(origins.flatMap((origin) => this.place(origin) ?? []))]
  }

  private place(origin: Origin): number | undefined {
    const range = rangeOfOrigin(origin, this.cluster, this.located)
    if (!range) return undefined
    const key = `${range.file} ${range.start} ${range.end}`
    let place = this.known.get(key)
    if (place === undefined) {
      const [kind, , name] = origin.object.split('/')
      place = this.all.push({ range, label: `${kind} ${name} ${printPath(origin.path)}` }) - 1
      this.known.set(key, place)
    }
    return place
  }
}

/** What each line of a program was made from, by the name that its printed line carries. */
export function lineOrigins(program: FamilyProgram): ReadonlyMap<string, readonly Origin[]> {
  const found = new Map<string, readonly Origin[]>()
  const put = (name: string, ...origins: readonly (Origin | undefined)[]) => {
    const given = origins.flatMap((origin) => origin ?? [])
    if (given.length > 0) found.set(name, given)
  }
  for (const { rules } of program.chains) for (const { id, origin, also = [] } of rules) put(id, origin, ...also)
  for (const { name, elements, origin } of [...program.sets, ...program.maps.map((map) => ({ ...map, origin: undefined }))]) {
    if (origin) put(`@${name}`, origin)
    for (const element of elements) {
      put(`@${name}/${memberText(element.key)}`, element.origin)
      put(`@${name}/${element.key.join(' . ')}`, element.origin)
    }
  }
  for (const server of program.servers) {
    put(serverName(server), server.origin)
    put(`kube-ipvs0/${server.address}`, server.origin)
    for (const { ip, port, origin, also = [] } of server.realServers) put(`${serverName(server)} ${hostPort(ip, port)}`, origin, ...also)
  }
  return found
}

/** A line and the places in the text that it comes from. */
export type WrittenLine = PrintedLine & { readonly from?: readonly number[] }

/** One family's printed lines with where they come from. */
export function writtenLines(lines: readonly PrintedLine[], program: FamilyProgram, sources: Sources): readonly WrittenLine[] {
  const origins = lineOrigins(program)
  return lines.map((line) => {
    const from = line.rule === undefined ? [] : sources.of(origins.get(line.rule) ?? [])
    return from.length === 0 ? line : { ...line, from }
  })
}
