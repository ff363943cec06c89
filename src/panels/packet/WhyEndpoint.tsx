import type { SchedulerLook } from '../../core/kernel/ipvslook.ts'
import type { EndpointRow, RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import { kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { percentOf } from './percent.ts'

const MOST = 60

/** Every endpoint of the Service, chosen, possible or excluded, and why. */
export function WhyEndpoint({ trace }: { readonly trace: RequestTrace }) {
  const { packet: t, slices } = useText().shell
  const ipvsText = ({ scheduler: name, last, kept, place }: SchedulerLook) =>
    place
      ? t.ipvs.place(name, place.at, place.of, place.holds)
      : kept
        ? t.ipvs.kept(name, kept.join(', '))
        : name === 'rr' || name === 'wrr'
          ? t.ipvs.last(name, last)
          : t.ipvs.counts(name)
  const kindOf = useSelect(kindOfAddress)
  const rows = trace.endpoints ?? []
  if (rows.length === 0) return null
  const zones = rows.some((row) => row.zone !== undefined)
  const { scheduler } = trace
  const loads = scheduler?.servers
  const shown = [...rows].sort((a, b) => Number(b.chosen) - Number(a.chosen)).slice(0, MOST)
  return (
    <div className="packet-part">
      <h2>{t.why}</h2>
      <div className="packet-why-room">
        <table className="packet-why">
          <thead>
            <tr>
              <th scope="col">{t.endpoint}</th>
              <th scope="col">{t.node}</th>
              {zones && <th scope="col">{t.zone}</th>}
              {loads && (
                <th scope="col" title={t.loadHint}>
                  {t.load}
                </th>
              )}
              <th scope="col">{t.share}</th>
            </tr>
          </thead>
          <tbody>
            {(rows.length > MOST ? shown : rows).map((row) => (
              <tr key={row.endpoint} data-state={stateOf(row)}>
                <td title={row.pod}>
                  <Prose text={row.endpoint} kindOf={kindOf} bare />
                  {(row.pod || row.chosen) && (
                    <span className="packet-pod">
                      {row.chosen && <strong>{t.chosen} </strong>}
                      {row.pod?.replace(/^default\//, '')}
                    </span>
                  )}
                </td>
                <td title={row.node}>
                  {row.terminating ? (
                    t.terminating
                  ) : (
                    <>
                      <span aria-hidden="true">{row.ready ? '✓' : '✗'}</span>
                      <span className="visually-hidden">{row.ready ? t.ready : t.excluded['not-ready']}</span>
                    </>
                  )}{' '}
                  {row.local ? t.same : t.other}
                </td>
                {zones && <td>{row.zone}</td>}
                {loads && <td className="mono">{loadText(loads[row.endpoint])}</td>}
                <td>{row.excluded && !row.chosen ? t.excluded[row.excluded] : percentOf(row.probability)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {scheduler && <p className="packet-where">{ipvsText(scheduler)}</p>}
      {rows.length > MOST && <p className="packet-where">{slices.more(rows.length - MOST)}</p>}
    </div>
  )
}

/** Weight, active and inactive connections, as ipvsadm lists them. */
function loadText(load: SchedulerLook['servers'][string] | undefined): string {
  return load ? `${load.weight}·${load.active}·${load.inactive}` : '–'
}

function stateOf(row: EndpointRow): 'chosen' | 'excluded' | 'possible' {
  return row.chosen ? 'chosen' : row.excluded ? 'excluded' : 'possible'
}
