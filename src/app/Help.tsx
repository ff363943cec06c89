import { useSelect, useText, useWorkbench } from '../store/hooks.tsx'
import { exampleAddresses } from '../store/select.ts'
import { Address } from '../ui/Address.tsx'
import { Dialog } from '../ui/Dialog.tsx'

/** The keys and what the three kinds of address mean. */
export function Help() {
  const { help: t, close } = useText().shell
  const { setHelp } = useWorkbench()
  const open = useSelect((state) => state.helpOpen)
  const examples = useSelect(exampleAddresses)
  const keys: readonly (readonly [string, string])[] = [
    ['Space', t.keys.space],
    ['← →', t.keys.arrows],
    ['Shift ← →', t.keys.shiftArrows],
    ['.', t.keys.dot],
    ['Home End', t.keys.homeEnd],
    ['PageUp PageDown', t.keys.page],
    ['R', t.keys.r],
    ['+ −', t.keys.speed],
    ['F', t.keys.f],
    ['P', t.keys.p],
    ['?', t.keys.help],
  ]
  return (
    <Dialog title={t.title} closeLabel={close} open={open} onOpenChange={setHelp}>
      <dl className="help-keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd className="kbd">{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="help-quiet">{t.quiet}</p>
      <h3>{t.legend}</h3>
      <ul className="help-legend">
        {examples.map(({ ip, kind, meaning }) => (
          <li key={kind}>
            <Address ip={ip} kind={kind} /> {t.kinds[meaning]}
          </li>
        ))}
      </ul>
      <p className="help-quiet">{t.about}</p>
    </Dialog>
  )
}
