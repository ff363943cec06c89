import { SendHorizontal } from 'lucide-react'
import { useId } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { originExists } from '../../store/request.ts'
import { kindOfAddress, originAddress, originsOf, suggestionsOf } from '../../store/select.ts'
import { commandOf, targetOf } from '../../store/target.ts'
import { Address } from '../../ui/Address.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { HowFields } from './HowFields.tsx'
import './request.css'

/** From where, to what, how, and Send. */
export function RequestBar() {
  const { request: t } = useText().shell
  const workbench = useWorkbench()
  const request = useSelect((state) => state.request)
  const sent = useSelect((state) => state.run !== undefined)
  const snapshot = useSelect((state) => state.live)
  const sending = useSelect((state) => state.sending !== undefined)
  const target = targetOf(request.to)
  const trouble = useId()
  const lost = snapshot !== undefined && !originExists(snapshot, request.from)
  const name = request.from.split('/').at(-1) ?? ''
  const error =
    target.target === 'bad'
      ? target.why(t.errors)
      : lost
        ? request.from.startsWith('node/')
          ? t.errors.noSuchNode(name)
          : t.errors.noSuchPod(name)
        : undefined
  const send = () => {
    if (target.target !== 'bad' && snapshot) void workbench.send()
  }
  return (
    <form
      className="request"
      aria-label={t.label}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <FromField invalid={lost} />
      <ToField invalid={target.target === 'bad'} trouble={trouble} />
      <HowFields request={request} target={target} />
      <Button
        type="submit"
        look="solid"
        className="request-send"
        data-testid="request-send"
        data-glow={!sent}
        title={t.sendHint}
        disabled={target.target === 'bad' || !snapshot || sending}
      >
        {t.send}
        <SendHorizontal size={14} aria-hidden="true" />
      </Button>
      <span className="request-below" id={trouble}>
        {error ? (
          <span className="request-error" role="alert">
            {error}
          </span>
        ) : (
          <>
            <code title={t.command}>{commandOf(request)}</code>
            <CopyButton text={() => commandOf(request)} label={t.copy} done={t.copied} />
          </>
        )}
      </span>
    </form>
  )
}

function FromField({ invalid }: { readonly invalid: boolean }) {
  const { request: t } = useText().shell
  const workbench = useWorkbench()
  const from = useSelect((state) => state.request.from)
  const groups = useSelect(originsOf)
  const id = useId()
  const address = useSelect(originAddress)
  const kindOf = useSelect(kindOfAddress)
  const known = groups.some((group) => group.values.includes(from))
  return (
    <>
      <label htmlFor={id}>{t.from}</label>
      <select
        id={id}
        className="field request-from"
        data-testid="request-from"
        aria-invalid={invalid}
        value={from}
        onChange={(event) => workbench.setRequest({ from: event.target.value })}
      >
        {!known && <option value={from}>{from}</option>}
        {groups.map(({ group, values }) => (
          <optgroup key={group} label={t[group]}>
            {values.map((value) => (
              <option key={value} value={value}>
                {value === 'outside' ? t.outside : value.replace(/^(pod\/default|pod|node|client)\//, '')}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {address && <Address ip={address} kind={kindOf(address)} />}
    </>
  )
}

function ToField({ invalid, trouble }: { readonly invalid: boolean; readonly trouble: string }) {
  const { request: t } = useText().shell
  const workbench = useWorkbench()
  const to = useSelect((state) => state.request.to)
  const suggestions = useSelect(suggestionsOf)
  const id = useId()
  return (
    <>
      <label htmlFor={id}>{t.to}</label>
      <input
        id={id}
        className="field request-to"
        data-testid="request-to"
        list={`${id}-list`}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-invalid={invalid}
        aria-describedby={trouble}
        value={to}
        onChange={(event) => workbench.setRequest({ to: event.target.value })}
      />
      <datalist id={`${id}-list`}>
        {suggestions.map((suggestion) => (
          <option key={suggestion} value={suggestion} />
        ))}
      </datalist>
    </>
  )
}
