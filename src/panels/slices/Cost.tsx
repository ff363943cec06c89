import { useMemo, useState } from 'react'
import { store } from '../../core/api/cluster.ts'
import { SERVICE_NAME_LABEL } from '../../core/api/kinds/endpointslice.ts'
import { type Bytes, checkClaim, costOfService } from '../../core/cost/cost.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import { slicesOf } from '../../store/select.ts'

/** The course's example: 2,000 Pods watched by 3,000 nodes. */
const CLAIM_PODS = 2000
const WATCHERS = 3000

/** What the endpoints of a Service cost in bytes, measured when it is opened; and the figure everybody quotes beside it. */
export function Cost() {
  const { cost: t } = useText().shell.slices
  const [open, setOpen] = useState(false)
  return (
    <details className="slices-cost" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.title}</summary>
      {open && <Measured />}
    </details>
  )
}

function Measured() {
  const { cost: t } = useText().shell.slices
  const slices = useSelect(slicesOf)
  const services = [...new Set(slices.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`))]
  const [chosen, setChosen] = useState('')
  const [watchers, setWatchers] = useState(WATCHERS)
  const service = services.includes(chosen) ? chosen : (services[0] ?? '')
  return (
    <>
      <p>
        <label>
          {t.service}{' '}
          <select className="field" value={service} onChange={(event) => setChosen(event.target.value)}>
            {services.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>{' '}
        <label>
          {t.watchers}{' '}
          <input
            className="field"
            type="number"
            min={1}
            max={100_000}
            value={watchers}
            onChange={(event) => setWatchers(Number(event.target.value) || 1)}
          />
        </label>
      </p>
      <OfService service={service} watchers={watchers} />
      <Claim watchers={watchers} />
    </>
  )
}

function OfService({ service, watchers }: { readonly service: string; readonly watchers: number }) {
  const { cost: t } = useText().shell.slices
  const snapshot = useSelect((state) => state.snapshot)
  const cost = useMemo(() => {
    if (!snapshot) return undefined
    const [namespace = '', name = ''] = service.split('/')
    const objects = snapshot.objects.filter(({ kind }) => kind === 'Endpoints' || kind === 'EndpointSlice')
    return costOfService(store({ settings: snapshot.settings, byKind: new Map() }, objects), namespace, name, watchers)
  }, [snapshot, service, watchers])
  if (!cost) return null
  const { endpoints, oneChange, rollingUpdate } = cost
  return (
    <Sizes
      rows={[
        ...(endpoints ? [{ what: t.endpoints(Math.min(cost.addresses, 1000)), bytes: endpoints }] : []),
        { what: t.slices(cost.slices.length), bytes: cost.allSlices },
        ...(oneChange.endpoints ? [{ what: t.endpointsChange, bytes: oneChange.endpoints }] : []),
        { what: t.sliceChange, bytes: oneChange.slice },
        ...(rollingUpdate.endpoints ? [{ what: t.endpointsRollout, bytes: rollingUpdate.endpoints }] : []),
        { what: t.slicesRollout, bytes: rollingUpdate.slices },
      ]}
    />
  )
}

function Claim({ watchers }: { readonly watchers: number }) {
  const { cost: t } = useText().shell.slices
  const claim = useMemo(() => checkClaim(CLAIM_PODS, watchers), [watchers])
  return (
    <>
      <p>{t.quoted}</p>
      <h3>{t.measured(claim.pods)}</h3>
      <Sizes
        rows={[
          { what: t.uncut, bytes: claim.uncut, sent: claim.perChange.uncut },
          { what: t.stored, bytes: claim.stored, sent: claim.perChange.stored },
          { what: t.slice(100), bytes: claim.slice, sent: claim.perChange.slice },
        ]}
      />
      <h3>{t.reasons}</h3>
      <ul>
        {claim.reasons.map((reason) => (
          <li key={reason}>{t.why[reason]}</li>
        ))}
      </ul>
    </>
  )
}

type Size = { readonly what: string; readonly bytes: Bytes; readonly sent?: Bytes }

function Sizes({ rows }: { readonly rows: readonly Size[] }) {
  const { cost: t } = useText().shell.slices
  const isSent = rows.some(({ sent }) => sent)
  return (
    <table>
      <thead>
        <tr>
          {[t.what, 'JSON', 'protobuf', ...(isSent ? ['JSON × W', 'protobuf × W'] : [])].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ what, bytes, sent }) => (
          <tr key={what}>
            <td>{what}</td>
            <td>{bytesText(bytes.json)}</td>
            <td>{bytesText(bytes.protobuf)}</td>
            {sent && <td>{bytesText(sent.json)}</td>}
            {sent && <td>{bytesText(sent.protobuf)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes in the decimal units that articles use, three figures at most. */
function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${UNITS[unit]}`
}
