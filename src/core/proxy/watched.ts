import { HEADLESS_LABEL } from '../api/kinds/endpointslice.ts'
import type { ObjectMeta } from '../api/meta.ts'

const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name'

/**
 * Whether kube-proxy hears of a Service or an EndpointSlice: it asks for both with one label selector, that neither label be there,
 * whatever its value (cmd/kube-proxy/app/server.go).
 */
export function isWatched({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.labels?.[PROXY_NAME_LABEL] === undefined && metadata.labels?.[HEADLESS_LABEL] === undefined
}
