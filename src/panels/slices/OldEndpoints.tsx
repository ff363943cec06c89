import type { Endpoints } from '../../core/api/kinds/endpoints.ts'
import { keyOf } from '../../core/api/meta.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { endpointsOf, kindOfAddress } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const MOST = 60

/** The Endpoints objects beside the slices: what was there before them, still written by its controller. */
export function OldEndpoints() {
  const endpoints = useSelect(endpointsOf)
  return endpoints.slice(0, MOST).map((one) => <One key={keyOf(one)} endpoints={one} />)
}

function One({ endpoints }: { readonly endpoints: Endpoints }) {
  const { endpoints: t } = useText().details
  const { select } = useWorkbench()
  const { name, namespace, annotations } = endpoints.metadata
  const subsets = endpoints.subsets ?? []
  const ready = subsets.flatMap(({ addresses }) => addresses ?? [])
  const notReady = subsets.flatMap(({ notReadyAddresses }) => notReadyAddresses ?? [])
  const ports = [
    ...new Set(
      subsets.flatMap((subset) =>
        (subset.ports ?? []).map((port) => `${port.name ? `${port.name} ` : ''}${port.port}/${port.protocol ?? 'TCP'}`),
      ),
    ),
  ]
  return (
    <section
      className="slices-one slices-endpoints"
      aria-label={`Endpoints ${name}`}
      data-testid={`endpoints/${namespace ?? 'default'}/${name}`}
    >
      <header>
        <button type="button" className="button" data-look="link" onClick={() => select(keyOf(endpoints))}>
          Endpoints {namespace === 'default' ? name : `${namespace}/${name}`}
        </button>
        <span className="mono">{ports.join(', ')}</span>
        <span>{t.ready(ready.length)}</span>
        {notReady.length > 0 && <span>{t.notReady(notReady.length)}</span>}
        {annotations?.[OVER_CAPACITY] === 'truncated' && <strong>{t.truncated}</strong>}
        <span>{t.note}</span>
      </header>
      <Addresses addresses={ready} />
      {notReady.length > 0 && <Addresses addresses={notReady} title={t.notReady(notReady.length)} />}
    </section>
  )
}

type Listed = {
  readonly addresses: readonly { readonly ip: string; readonly targetRef?: { readonly name?: string } }[]
  readonly title?: string
}

function Addresses({ addresses, title }: Listed) {
  const { slices: t } = useText().shell
  const kindOf = useSelect(kindOfAddress)
  if (addresses.length === 0) return null
  return (
    <p className="slices-addresses">
      {title !== undefined && <span>{title}: </span>}
      {addresses.slice(0, MOST).map(({ ip, targetRef }) => (
        <Address key={ip} ip={ip} kind={kindOf(ip)} bare title={targetRef?.name} />
      ))}
      {addresses.length > MOST && <span>{t.more(addresses.length - MOST)}</span>}
    </p>
  )
}
