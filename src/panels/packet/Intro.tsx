import { useSelect, useText } from '../../store/hooks.tsx'
import { exampleAddresses, lessonText } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'

/** Before the first request: what this scene is about, and how the three kinds of address look. */
export function Intro() {
  const messages = useText()
  const { help } = messages.shell
  const title = useSelect((state) => state.live?.scenario?.title[messages.language] ?? state.live?.scenario?.title['en'])
  const lesson = useSelect(lessonText)
  const legend = useSelect(exampleAddresses)
  return (
    <>
      <div className="packet-part">
        <p className="packet-start">{messages.story.start}</p>
        {title && <p className="packet-title">{title}</p>}
        {lesson && <p className="packet-lesson">{lesson}</p>}
      </div>
      <div className="packet-part">
        <h2>{help.legend}</h2>
        <ul className="packet-legend">
          {legend.map(({ ip, kind, meaning }) => (
            <li key={kind}>
              <Address ip={ip} kind={kind} />
              <span>{help.kinds[meaning]}</span>
            </li>
          ))}
        </ul>
      </div>
    </>
  )
}
