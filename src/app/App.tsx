import { EditorPanel } from '../panels/editor/EditorPanel.tsx'
import { GraphPanel } from '../panels/graph/GraphPanel.tsx'

/** The frame: which panel stands where. */
export function App() {
  return (
    <main>
      <EditorPanel />
      <GraphPanel />
    </main>
  )
}
