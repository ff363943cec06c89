import { Announcer, Notices } from '../panels/notices/Notices.tsx'
import { RequestBar } from '../panels/request/RequestBar.tsx'
import { TopBar } from '../panels/topbar/TopBar.tsx'
import { Transport } from '../panels/transport/Transport.tsx'
import { useSelect, useText, WorkbenchProvider } from '../store/hooks.tsx'
import type { Workbench } from '../store/store.ts'
import '../ui/theme.css'
import '../ui/controls.css'
import './app.css'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { Frame } from './Frame.tsx'
import { Help } from './Help.tsx'
import { useNarrow } from './useNarrow.ts'

/** The page. */
export function App({ workbench }: { readonly workbench: Workbench }) {
  const yaml = () =>
    workbench.store
      .getState()
      .files.map((file) => file.text)
      .join('\n---\n')
  return (
    <ErrorBoundary messages={() => workbench.store.getState().messages} yaml={yaml}>
      <WorkbenchProvider value={workbench}>
        <Page />
      </WorkbenchProvider>
    </ErrorBoundary>
  )
}

function Page() {
  const { skip } = useText().shell
  const embed = useSelect((state) => state.knobs.embed)
  const narrow = useNarrow()
  const present = useSelect((state) => state.present)
  return (
    <div className="page" data-embed={embed} data-present={present}>
      {!narrow && (
        <a className="skip" href="#path">
          {skip}
        </a>
      )}
      {embed ? <h1 className="visually-hidden">Kubehop</h1> : <TopBar />}
      <main className="frame-root">
        <Frame
          bars={
            <>
              {!embed && <RequestBar />}
              <Transport />
            </>
          }
        />
      </main>
      <Notices />
      <Announcer />
      <Help />
    </div>
  )
}
