import { type Cluster, list } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { type ApiObjectBase, mapSelects } from '../api/meta.ts'
import type { ControllerConfig, Profile } from './profile.ts'
import { controllerOfImage, profileOf } from './profiles/index.ts'

/** A Pod that runs a known ingress controller, with how it was started. */
export type RunningController = { readonly pod: Pod; readonly profile: Profile; readonly config: ControllerConfig }

/** Which ingress controller a Pod is: by annotation, or by its image. The answer may be one that is not modelled. */
export function ingressControllerOf(pod: Pod): string | undefined {
  const said = pod.metadata.annotations?.['kubehop.dev/controller']
  if (said !== undefined) return said
  for (const { image } of pod.spec.containers) {
    const known = controllerOfImage(image ?? '')
    if (known !== undefined) return known
  }
  return undefined
}

/** The Pods of known controllers, in namespace and name order. */
export function runningControllers(cluster: Cluster): readonly RunningController[] {
  return list(cluster, 'Pod').flatMap((pod) => {
    const controller = ingressControllerOf(pod)
    const profile = controller === undefined ? undefined : profileOf(controller)
    return profile ? [{ pod, profile, config: configOf(cluster, pod) }] : []
  })
}

/** The Services that select a Pod. */
export function servicesOf(cluster: Cluster, pod: Pod): readonly Service[] {
  return list(cluster, 'Service').filter(
    ({ metadata, spec }) =>
      spec.selector !== undefined && metadata.namespace === pod.metadata.namespace && mapSelects(spec.selector, pod.metadata.labels),
  )
}

/** How a controller was started: its flags in lower case, and the ConfigMap that they name. */
export function configOf(cluster: Cluster, pod: Pod): ControllerConfig {
  const namespace = pod.metadata.namespace ?? 'default'
  const flags = flagsOf(
    pod.spec.containers.flatMap(({ args, command }) => [...(command ?? []), ...(args ?? [])]),
    namespace,
  )
  const named = flags['configmap']
  const [space = namespace, name = 'ingress-nginx-controller'] = named?.includes('/')
    ? named.split('/')
    : [namespace, named ?? 'ingress-nginx-controller']
  const map = (list(cluster, 'ConfigMap') as readonly ApiObjectBase[]).find(
    ({ metadata }) => metadata.namespace === space && metadata.name === name,
  )
  const data = (map as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data
  return { flags, ...(data && { configMap: data }) }
}

/** `--flag=value`, `--flag value` and `--flag`; names count without regard to case, as Traefik reads them. */
function flagsOf(words: readonly string[], namespace: string): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {}
  words.forEach((word, i) => {
    const match = /^--?([^=\s]+)(?:=(.*))?$/s.exec(word)
    if (match?.[1] === undefined) return
    const next = words[i + 1]
    const value = match[2] ?? (next !== undefined && !next.startsWith('-') ? next : 'true')
    flags[match[1].toLowerCase()] = value.replaceAll('$(POD_NAMESPACE)', namespace)
  })
  return flags
}

/** The flags that name a controller's ports, by controller. */
const PORT_FLAGS: Readonly<Record<string, { readonly http: string; readonly https: string }>> = {
  'k8s.io/ingress-nginx': { http: 'http-port', https: 'https-port' },
  'traefik.io/ingress-controller': { http: 'entrypoints.web.address', https: 'entrypoints.websecure.address' },
  'haproxy.org/ingress-controller': { http: 'http-bind-port', https: 'https-bind-port' },
}

const HTTP_NAMES = ['http', 'web']
const HTTPS_NAMES = ['https', 'websecure']

/**
 * What a controller speaks on a port of its Pod: as its flags say, else on the profile's own ports, else where the Pod declares neither of
 * those, on ports that are called or numbered as HTTP and HTTPS are.
 */
export function schemeOn({ pod, profile, config }: RunningController, port: number): 'http' | 'https' | undefined {
  const flags = PORT_FLAGS[profile.controller]
  const given = (name: string | undefined) => Number(/:?(\d+)(?:\/\w+)?$/.exec(config.flags?.[name ?? ''] ?? '')?.[1] ?? Number.NaN)
  const [http, https] = [given(flags?.http) || profile.httpPort, given(flags?.https) || profile.httpsPort]
  if (port === http) return 'http'
  if (port === https) return 'https'
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports)
  const here = declared.find(({ containerPort }) => containerPort === port)
  const isFree = (own: number) => !declared.some(({ containerPort }) => containerPort === own)
  if (isFree(http) && (here ? HTTP_NAMES.includes(here.name ?? '') || port === 80 : false)) return 'http'
  if (isFree(https) && (here ? HTTPS_NAMES.includes(here.name ?? '') || port === 443 : false)) return 'https'
  return undefined
}
