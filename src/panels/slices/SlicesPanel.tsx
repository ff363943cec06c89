import { type Endpoint, type EndpointSlice, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../../core/api/kinds/endpointslice.ts'
import { keyOf } from '../../core/api/meta.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { kindOfAddress, slicesOf } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import { Cost } from './Cost.tsx'
import { OldEndpoints } from './OldEndpoints.tsx'
import './slices.css'

const MOST_ROWS = 120

/** Every EndpointSlice as it is stored, with the conditions that decide who gets traffic. */
export function SlicesPanel() {
  const { slices: t } = useText().shell
  const slices = useSelect(slicesOf)
  if (slices.length === 0) return <p className="empty">{t.empty}</p>
  return (
    <div className="slices">
      {slices.slice(0, MOST_ROWS).map((slice) => (
        <Slice key={keyOf(slice)} slice={slice} />
      ))}
      {slices.length > MOST_ROWS && <p className="empty">{t.more(slices.length - MOST_ROWS)}</p>}
      <OldEndpoints />
      <Cost />
    </div>
  )
}

function Slice({ slice }: { readonly slice: EndpointSlice }) {
  const { slices: t } = useText().shell
  const { select } = useWorkbench()
  const endpoints = slice.endpoints ?? []
  const { name, namespace, labels } = slice.metadata
  const service = labels?.[SERVICE_NAME_LABEL]
  const ports = (slice.ports ?? []).map((port) => `${port.name ? `${port.name} ` : ''}${port.port ?? '*'}/${port.protocol ?? 'TCP'}`)
  return (
    <section className="slices-one" aria-label={name}>
      <header>
        <button type="button" className="button" data-look="link" onClick={() => select(keyOf(slice))}>
          {namespace === 'default' ? name : `${namespace}/${name}`}
        </button>
        <span>{service ? `Service ${service}` : t.noService}</span>
        <span className="mono">{slice.addressType}</span>
        <span className="mono">{ports.join(', ')}</span>
        <span>{t.count(endpoints.length)}</span>
        {!labels?.[MANAGED_BY_LABEL] && <span>{t.handmade}</span>}
      </header>
      {endpoints.length > 0 && (
        <table>
          <thead>
            <tr>
              {[t.address, t.ready, t.serving, t.terminating, t.target, t.node, t.zone, t.hints].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {endpoints.slice(0, MOST_ROWS).map((endpoint) => (
              <Row key={`${endpoint.addresses[0]} ${endpoint.targetRef?.name ?? ''}`} endpoint={endpoint} />
            ))}
          </tbody>
        </table>
      )}
      {endpoints.length > MOST_ROWS && <p className="empty">{t.more(endpoints.length - MOST_ROWS)}</p>}
    </section>
  )
}

function Row({ endpoint }: { readonly endpoint: Endpoint }) {
  const kindOf = useSelect(kindOfAddress)
  const { ready, serving, terminating } = endpoint.conditions ?? {}
  const hints = [...(endpoint.hints?.forZones ?? []), ...(endpoint.hints?.forNodes ?? [])].map((hint) => hint.name)
  return (
    <tr data-ready={ready !== false}>
      <td>
        {endpoint.addresses.map((ip) => (
          <Address key={ip} ip={ip} kind={kindOf(ip)} bare />
        ))}
      </td>
      <td>{word(ready)}</td>
      <td>{word(serving)}</td>
      <td>{word(terminating)}</td>
      <td>{endpoint.targetRef ? `${endpoint.targetRef.kind} ${endpoint.targetRef.name}` : '–'}</td>
      <td>{endpoint.nodeName ?? '–'}</td>
      <td>{endpoint.zone ?? '–'}</td>
      <td>{hints.join(', ') || '–'}</td>
    </tr>
  )
}

/** A condition as the API has it: absent is not false. */
const word = (condition: boolean | undefined) => (condition === undefined ? '–' : String(condition))
