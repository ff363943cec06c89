import { type Cluster, list } from '../api/cluster.ts'
import type { Finding } from '../api/finding.ts'
import { keyOf } from '../api/meta.ts'
import { profiles } from '../l7/profiles/index.ts'

/** Annotations under a modelled controller's prefix that its profile gives no effect to: said, because there they would change something. */
export function annotationFindings(cluster: Cluster): readonly Finding[] {
  return [...list(cluster, 'Ingress'), ...list(cluster, 'Service')].flatMap((object) =>
    Object.keys(object.metadata.annotations ?? {}).flatMap((name): readonly Finding[] => {
      const profile = profiles.find(({ annotations }) => name.startsWith(annotations.prefix) && annotations.prefix !== 'kubehop.dev/')
      if (!profile || profile.annotations.modelled.includes(name.slice(profile.annotations.prefix.length))) return []
      return [
        {
          code: 'NOT_MODELLED',
          severity: 'info',
          message: `${name} is accepted, but ${profile.name}'s effect of it is not modelled: it changes nothing here`,
          object: keyOf(object),
          path: ['metadata', 'annotations', name],
          atKey: true,
          params: { field: name },
        },
      ]
    }),
  )
}
