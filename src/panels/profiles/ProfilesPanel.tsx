import { Maximize2 } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Ingress } from '../../core/api/kinds/ingress.ts'
import { keyOf } from '../../core/api/meta.ts'
import type { ComparedRequest, Comparison } from '../../core/l7/compare/compared.ts'
import type { SourceRange } from '../../core/source/diagnostic.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { ingressesOf } from '../../store/select.ts'
import { loadProfileTexts, type ProfileTexts } from '../../text/profiles.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { AskBar } from './AskBar.tsx'
import { type Asked, prefilled } from './asked.ts'
import { Columns } from './Columns.tsx'
import { Differences } from './Differences.tsx'
import { Probes } from './Probes.tsx'
import { TextsProvider, useTexts } from './texts.ts'
import './profiles.css'

type Found = { readonly comparison?: Comparison; readonly ranges: Readonly<Record<string, SourceRange>> }

/** One Ingress and one request under several controllers, beside each other; what differs has a name. */
export function ProfilesPanel() {
  const language = useSelect((state) => state.language)
  // What was asked of one scene says nothing of another.
  const scene = useSelect((state) => state.scene)
  const [texts, setTexts] = useState<ProfileTexts>()
  useEffect(() => {
    let current = true
    void loadProfileTexts(language).then((loaded) => {
      if (current) setTexts(loaded)
    })
    return () => {
      current = false
    }
  }, [language])
  if (!texts) return null
  return (
    <TextsProvider value={texts}>
      <Panel key={scene} />
    </TextsProvider>
  )
}

const DEFAULTS: readonly string[] = ['spec', 'ingress-nginx', 'traefik']

function Panel() {
  const { close } = useText().shell
  const t = useTexts()
  const ingresses = useSelect(ingressesOf)
  const [asked, setAsked] = useAsked(ingresses)
  const [chosen, setChosen] = useState<readonly string[]>(DEFAULTS)
  const [large, setLarge] = useState(false)
  const found = useComparison(asked, chosen)
  const top = useRef<HTMLDivElement>(null)
  const enlarge = useFocusAfter(large)
  if (ingresses.length === 0) return <p className="empty">{t.none}</p>
  if (!found) return <p className="empty">{t.working}</p>
  const { comparison, ranges } = found
  // What is not chosen is shown as the core chose it.
  const shown: Asked = comparison ? { ingress: comparison.ingress, request: comparison.request, ...asked } : asked
  const show = (request: ComparedRequest) => {
    setAsked({ ...shown, request })
    top.current?.scrollIntoView({ block: 'start' })
  }
  const body = (
    <div className="profiles" data-many={chosen.length > 3} data-testid="profiles">
      <div className="profiles-main" ref={top}>
        <AskBar asked={shown} chosen={chosen} onAsk={setAsked} onChoose={setChosen}>
          {!large && (
            <Button
              ref={enlarge}
              square
              aria-label={t.enlarge}
              title={t.enlarge}
              data-testid="profiles-enlarge"
              onClick={() => setLarge(true)}
            >
              <Maximize2 size={14} aria-hidden="true" />
            </Button>
          )}
        </AskBar>
        {chosen.length < 2 && <p className="empty">{t.atLeastTwo}</p>}
        {comparison && chosen.length >= 2 && (
          <>
            <Differences comparison={comparison} />
            <Columns comparison={comparison} ranges={ranges} onReveal={() => setLarge(false)} />
          </>
        )}
      </div>
      {comparison && chosen.length >= 2 && <Probes comparison={comparison} onAsk={show} />}
    </div>
  )
  if (!large) return body
  return (
    <Dialog title={t.title} closeLabel={close} open large onOpenChange={setLarge}>
      {body}
    </Dialog>
  )
}

/** What is asked: the request bar's request until something else is chosen, and again where that names an Ingress that is gone. */
function useAsked(ingresses: readonly Ingress[]): readonly [Asked, (asked: Asked | undefined) => void] {
  const bar = useSelect((state) => state.request)
  const [chosen, setChosen] = useState<Asked>()
  const given = useMemo(() => prefilled(bar, ingresses), [bar, ingresses])
  const isThere = chosen?.ingress === undefined || ingresses.some((ingress) => keyOf(ingress) === chosen.ingress)
  return [(isThere ? chosen : undefined) ?? given, setChosen]
}

/** The worker's answer to what is asked of the live cluster; the one before stays until the next is there. */
function useComparison(asked: Asked, profiles: readonly string[]): Found | undefined {
  const live = useSelect((state) => state.live)
  const { read } = useWorkbench()
  const [found, setFound] = useState<Found>()
  useEffect(() => {
    let current = live !== undefined
    if (live) {
      void read({ ask: 'profiles', ...asked, profiles }).then((answer) => {
        if (current && answer?.answer === 'profiles') setFound(answer)
      })
    }
    return () => {
      current = false
    }
  }, [live, asked, profiles, read])
  return found
}

/** Gives the focus back to the button that opened the large view, once that is closed. */
function useFocusAfter(isOpen: boolean) {
  const button = useRef<HTMLButtonElement>(null)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  return button
}
