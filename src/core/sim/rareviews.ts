import { type ApiObject, type Cluster, list } from '../api/cluster.ts'
import type { Loaded } from '../api/load.ts'
import { keyOf } from '../api/meta.ts'
import { lineDiff } from '../base/linediff.ts'
import type { Origin } from '../kernel/program.ts'
import { printYaml } from '../kubectl/yaml.ts'
import { compareProfiles } from '../l7/compare/compare.ts'
import { convertIngresses } from './convert.ts'
import { rangesOfOrigins } from './ranges.ts'
import { readoutOf } from './readout.ts'
import type { Answer, RareViews } from './session.ts'
import type { World } from './world.ts'
import { Sources } from './writtenby.ts'

/** Answers the questions that few ask: the worker fetches this when the first one comes. The world stays as it is. */
export const rareViews: RareViews = (question, world, loaded) => {
  switch (question.ask) {
    case 'convert': {
      const conversion = convertIngresses(world, question.request)
      return { answer: 'convert', ...(conversion && { conversion }) }
    }
    case 'profiles': {
      const comparison = compareProfiles(world.cluster, question)
      const origins = (comparison?.profiles ?? []).flatMap(({ routes }) => routes.map(({ origin }) => origin))
      return { answer: 'profiles', ...(comparison && { comparison }), ranges: rangesOfOrigins(origins, world.cluster, loaded.located) }
    }
    case 'node':
      return nodeAnswer(world, loaded, question.node)
    case 'diff': {
      const event = world.events.find(({ number }) => number === question.event)
      const lines = event && (event.before || event.after) ? lineDiff(yamlLines(event.before), yamlLines(event.after)) : undefined
      return { answer: 'diff', ...(lines && { lines }) }
    }
  }
}

function yamlLines(object: ApiObject | undefined): readonly string[] {
  return object ? printYaml(object).trimEnd().split('\n') : []
}

function nodeAnswer(world: World, { located }: Loaded, node: string): Answer {
  const readout = readoutOf(world, node)
  if (!readout) return { answer: 'node' }
  const sources = new Sources(world.cluster, located)
  const owners = addressOwners(world.cluster)
  const of = (lines: readonly string[]) => writtenAddresses(lines, sources, owners)
  const { conntrack, ipvs, addresses, routes, sets } = readout
  const from = { conntrack: of(conntrack), ipvs: of(ipvs), addresses: of(addresses), routes: of(routes), sets: of(sets) }
  return { answer: 'node', readout, from, sources: sources.all }
}

/** What a node's tools print, with where the addresses in each line come from. */
function writtenAddresses(lines: readonly string[], sources: Sources, owners: ReadonlyMap<string, Origin>): readonly (readonly number[])[] {
  return lines.map((line) => sources.of((line.match(/[0-9a-f.:]*[.:][0-9a-f.:]+/gi) ?? []).flatMap((word) => ownerOf(word, owners) ?? [])))
}

/** An address by itself, or with a port behind it. */
function ownerOf(word: string, owners: ReadonlyMap<string, Origin>): Origin | undefined {
  return owners.get(word) ?? owners.get(word.replace(/:\d+$/, ''))
}

/** Whose an address is: a Service's, a Pod's or a node's, and the field that says so. */
function addressOwners(cluster: Cluster): ReadonlyMap<string, Origin> {
  const owners = new Map<string, Origin>()
  for (const node of list(cluster, 'Node'))
    for (const { address } of node.status?.addresses ?? []) owners.set(address, { object: keyOf(node), path: ['metadata', 'name'] })
  for (const pod of list(cluster, 'Pod'))
    if (!pod.spec.hostNetwork)
      for (const { ip } of pod.status?.podIPs ?? []) owners.set(ip, { object: keyOf(pod), path: ['status', 'podIP'] })
  for (const service of list(cluster, 'Service')) {
    const object = keyOf(service)
    for (const ip of service.spec?.clusterIPs ?? []) if (ip !== 'None') owners.set(ip, { object, path: ['spec', 'ports'] })
    for (const ip of service.spec?.externalIPs ?? []) owners.set(ip, { object, path: ['spec', 'externalIPs'] })
    for (const { ip } of service.status?.loadBalancer?.ingress ?? []) if (ip) owners.set(ip, { object, path: ['spec', 'type'] })
  }
  return owners
}
