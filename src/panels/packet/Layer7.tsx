import { cookieHost } from '../../store/cookies.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { kindOfAddress } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { Prose } from '../../ui/Prose.tsx'
import { type HeaderRow, type HttpView, headerRows, httpViewOf, matchOf } from './http.ts'
import { Routing } from './Routing.tsx'
import './layer7.css'

type Layer7Props = { readonly events: readonly TraceEvent[]; readonly index: number }

/** What a request is to those who read HTTP: its message in and out, the routing table that was asked, the client's cookies. */
export function Layer7({ events, index }: Layer7Props) {
  const view = httpViewOf(events, index)
  const match = matchOf(events, index)
  return (
    <>
      {view && <Message view={view} />}
      {match && <Routing match={match} />}
      <Cookies />
    </>
  )
}

function Message({ view }: { readonly view: HttpView }) {
  const { http: t } = useText().details
  const { message, before } = view
  const isRequest = message.message === 'request'
  const rows = headerRows(view)
  const tls = message.serverName
  return (
    <div className="packet-part l7-message" data-testid="http-message">
      <h2>
        {t.title} · {isRequest ? t.request : t.response}
        {before && <span className="l7-when"> · {t.sentOn}</span>}
      </h2>
      <dl className="packet-fields">
        {isRequest ? (
          <>
            {tls !== undefined && <Field name={t.tls} value={tls === '' ? t.noTls : tls} />}
            <Field name={t.method} value={message.method ?? 'GET'} before={before?.method} />
            <Field name={t.host} value={message.host ?? ''} before={before?.host} />
            <Field name={t.path} value={message.path ?? '/'} before={before?.path} />
          </>
        ) : (
          <Field name={t.status} value={String(message.status ?? '')} before={before && String(before.status ?? '')} />
        )}
      </dl>
      <h3>{t.headers}</h3>
      {rows.length === 0 ? (
        <p className="l7-quiet">{t.noHeaders}</p>
      ) : (
        <ul className="l7-headers">
          {rows.map((row) => (
            <Header key={`${row.name} ${row.change}`} row={row} />
          ))}
        </ul>
      )}
    </div>
  )
}

function Field({ name, value, before }: { readonly name: string; readonly value: string; readonly before?: string | undefined }) {
  const { http: t } = useText().details
  const changed = before !== undefined && before !== value
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono">
        {changed && <s>{before}</s>}
        <span className={changed ? 'packet-changed' : undefined}>
          {changed && <span title={t.changed}>✎ </span>}
          {value}
        </span>
      </dd>
    </>
  )
}

const SIGNS = { none: '', added: '+', removed: '−', changed: '✎' } as const

function Header({ row }: { readonly row: HeaderRow }) {
  const { http: t } = useText().details
  const kindOf = useSelect(kindOfAddress)
  const { name, value, change, was } = row
  const what = change === 'none' ? undefined : t[change]
  return (
    <li data-change={change}>
      <span className="l7-sign" title={what}>
        <span aria-hidden="true">{SIGNS[change]}</span>
        {what && <span className="visually-hidden">{what}: </span>}
      </span>
      <span className="mono">
        <span className="l7-name">{name}:</span> {change === 'removed' ? <s>{value}</s> : <Prose text={value} kindOf={kindOf} bare />}
        {was !== undefined && <span className="l7-quiet"> ({t.was(was)})</span>}
      </span>
    </li>
  )
}

/** The cookies that go with every request to the host of the last one. */
function Cookies() {
  const { http: t } = useText().details
  const { clearCookies } = useWorkbench()
  const host = useSelect((state) => (state.run ? cookieHost(state.run.request) : ''))
  const jar = useSelect((state) => state.cookies[host])
  if (!jar) return null
  return (
    <div className="packet-part l7-cookies" data-testid="cookies">
      <h2>{t.cookies(host)}</h2>
      <ul className="l7-headers">
        {Object.entries(jar).map(([name, value]) => (
          <li key={name}>
            <span />
            <span className="mono">
              <span className="l7-name">{name}</span>={value}
            </span>
          </li>
        ))}
      </ul>
      <p>
        <Button onClick={() => clearCookies(host)} title={t.cookiesHint}>
          {t.clear}
        </Button>
      </p>
    </div>
  )
}
