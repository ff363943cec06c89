import type { ReactNode } from 'react'
import { keyOf } from '../../core/api/meta.ts'
import type { ComparedRequest } from '../../core/l7/compare/compared.ts'
import { useSelect, useWorkbench } from '../../store/hooks.tsx'
import { ingressesOf } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { HeadersPopover } from '../../ui/HeadersPopover.tsx'
import { type Asked, prefilled, rooted } from './asked.ts'
import { useProfileName, useTexts } from './texts.ts'

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']
const PROFILES: readonly string[] = ['spec', 'ingress-nginx', 'traefik', 'haproxy', 'cloud']

type AskBarProps = {
  readonly asked: Asked
  readonly chosen: readonly string[]
  /** Without anything: what the request bar holds. */
  readonly onAsk: (asked: Asked | undefined) => void
  readonly onChoose: (profiles: readonly string[]) => void
  readonly children: ReactNode
}

/** Which Ingress, which request, which controllers. */
export function AskBar({ asked, chosen, onAsk, onChoose, children }: AskBarProps) {
  const t = useTexts()
  const nameOf = useProfileName()
  const ingresses = useSelect(ingressesOf)
  const toggle = (profile: string) => onChoose(PROFILES.filter((one) => (one === profile ? !chosen.includes(one) : chosen.includes(one))))
  return (
    <div className="profiles-bar">
      <label className="profiles-ingress">
        <span>{t.ingress}</span>
        <select
          className="field"
          data-testid="profiles-ingress"
          value={asked.ingress ?? ''}
          onChange={(event) => onAsk({ ingress: event.target.value })}
        >
          {ingresses.map((ingress) => (
            <option key={keyOf(ingress)} value={keyOf(ingress)}>
              {ingress.metadata.namespace === 'default' ? ingress.metadata.name : `${ingress.metadata.namespace}/${ingress.metadata.name}`}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="profiles-chosen" aria-label={t.controllers}>
        {PROFILES.map((profile) => (
          <label key={profile} title={t.hints[profile]}>
            <input
              type="checkbox"
              data-testid={`profiles-choose/${profile}`}
              checked={chosen.includes(profile)}
              onChange={() => toggle(profile)}
            />
            {nameOf(profile)}
          </label>
        ))}
      </fieldset>
      {children}
      {asked.request && <RequestFields request={asked.request} onChange={(request) => onAsk({ ...asked, request })} />}
      <BarLinks asked={asked} onAsk={onAsk} />
    </div>
  )
}

type RequestFieldsProps = { readonly request: ComparedRequest; readonly onChange: (request: ComparedRequest) => void }

function RequestFields({ request, onChange }: RequestFieldsProps) {
  const t = useTexts()
  const { method, scheme, host, path } = request
  return (
    <fieldset className="profiles-request" aria-label={t.request}>
      <select
        className="field"
        aria-label={t.method}
        data-testid="profiles-method"
        value={method}
        onChange={(event) => onChange({ ...request, method: event.target.value })}
      >
        {[...new Set([...METHODS, method])].map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <select
        className="field"
        aria-label={t.scheme}
        data-testid="profiles-scheme"
        value={scheme}
        onChange={(event) => onChange({ ...request, scheme: event.target.value === 'https' ? 'https' : 'http' })}
      >
        <option value="http">http://</option>
        <option value="https">https://</option>
      </select>
      <input
        className="field mono profiles-host"
        aria-label={t.host}
        placeholder={t.hostNone}
        spellCheck={false}
        autoComplete="off"
        data-testid="profiles-host"
        value={host}
        onChange={(event) => onChange({ ...request, host: event.target.value.trim() })}
      />
      <input
        className="field mono profiles-path"
        aria-label={t.path}
        spellCheck={false}
        autoComplete="off"
        data-testid="profiles-path"
        value={path}
        onChange={(event) => onChange({ ...request, path: rooted(event.target.value.trim()) })}
      />
      <Headers request={request} onChange={onChange} />
    </fieldset>
  )
}

function Headers({ request, onChange }: RequestFieldsProps) {
  const t = useTexts()
  const { length } = Object.keys(request.headers)
  return (
    <HeadersPopover
      headers={request.headers}
      label={t.headers}
      hint={t.headersHint}
      placeholder="Cookie: canary=always"
      onChange={(headers) => onChange({ ...request, headers })}
      button={
        <>
          {t.headers}
          {length > 0 && <span className="count">{length}</span>}
        </>
      }
    />
  )
}

/** The way from and to the page's own request. */
function BarLinks({ asked, onAsk }: Pick<AskBarProps, 'asked' | 'onAsk'>) {
  const t = useTexts()
  const { setRequest } = useWorkbench()
  const bar = useSelect((state) => state.request)
  const ingresses = useSelect(ingressesOf)
  const filled = prefilled(bar, ingresses)
  const { request } = asked
  const same = JSON.stringify(filled.request) === JSON.stringify(request)
  if (same || !request) return null
  const { scheme, host, path, method, headers } = request
  return (
    <span className="profiles-links">
      {filled.request && (
        <Button look="link" onClick={() => onAsk(undefined)}>
          {t.fromBar}
        </Button>
      )}
      {host !== '' && (
        <Button look="link" onClick={() => setRequest({ to: `${scheme}://${host}${path}`, method, headers })}>
          {t.toBar}
        </Button>
      )}
    </span>
  )
}
