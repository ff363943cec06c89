import { type ReactNode, useState } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import { EditorPanel } from '../panels/editor/EditorPanel.tsx'
import { GraphPanel } from '../panels/graph/GraphPanel.tsx'
import { Strips } from '../panels/notices/Strips.tsx'
import { PacketPanel } from '../panels/packet/PacketPanel.tsx'
import { ProblemsPanel } from '../panels/problems/ProblemsPanel.tsx'
import { useSelect, useText } from '../store/hooks.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { Drawer, Side } from './Drawer.tsx'
import { useNarrow } from './useNarrow.ts'

/** Which panel stands where: three columns over a drawer; narrow screens get tabs and a sheet; slides only the stage. */
export function Frame({ bars }: { readonly bars: ReactNode }) {
  const narrow = useNarrow()
  const embed = useSelect((state) => state.knobs.embed)
  const present = useSelect((state) => state.present)
  if (embed) return <Embedded bars={bars} />
  if (narrow) return <Narrow bars={bars} />
  return present ? <Presented bars={bars} /> : <Wide bars={bars} />
}

function Wide({ bars }: { readonly bars: ReactNode }) {
  const { panes: t } = useText().shell
  const rows = useDefaultLayout({ id: 'kubehop.rows' })
  const columns = useDefaultLayout({ id: 'kubehop.columns' })
  const below = useDefaultLayout({ id: 'kubehop.below' })
  return (
    <Group orientation="vertical" className="frame" {...rows}>
      <Panel id="pane-main" minSize="40%" defaultSize="73%" className="frame-main">
        <Group orientation="horizontal" className="frame-columns" {...columns}>
          <Panel id="pane-editor" collapsible minSize="14%" defaultSize="28%">
            <Yaml />
          </Panel>
          <Separator className="separator" aria-label={t.resizeEditor} />
          <Panel id="pane-stage" minSize="25%" defaultSize="50%">
            <Stage />
          </Panel>
          <Separator className="separator" aria-label={t.resizePacket} />
          <Panel id="pane-packet" collapsible minSize="14%" defaultSize="22%">
            <PacketPanel />
          </Panel>
        </Group>
        {bars}
      </Panel>
      <Separator className="separator" aria-label={t.resizeDrawer} />
      <Panel id="pane-drawer" collapsible minSize="8%" defaultSize="27%">
        <Group orientation="horizontal" {...below}>
          <Panel id="pane-details" minSize="30%" defaultSize="68%">
            <Drawer />
          </Panel>
          <Separator className="separator" aria-label={t.resizeSide} />
          <Panel id="pane-side" minSize="18%" defaultSize="32%">
            <Side />
          </Panel>
        </Group>
      </Panel>
    </Group>
  )
}

/** For a room: the stage and the packet, large; the editor and the drawer stay away. */
function Presented({ bars }: { readonly bars: ReactNode }) {
  return (
    <div className="frame frame-presented">
      <div className="frame-presented-main">
        <Stage />
        <div className="frame-presented-packet">
          <PacketPanel />
        </div>
      </div>
      {bars}
      <div className="frame-presented-path">
        <Side />
      </div>
    </div>
  )
}

/** For a slide or a page: the stage and the transport. */
function Embedded({ bars }: { readonly bars: ReactNode }) {
  return (
    <div className="frame">
      <Stage />
      {bars}
      <div className="visually-hidden">
        <PacketPanel />
        <Side />
      </div>
    </div>
  )
}

type Pane = 'stage' | 'editor' | 'packet' | 'details' | 'side'

function Narrow({ bars }: { readonly bars: ReactNode }) {
  const { panes: t, drawer, path } = useText().shell
  const [pane, setPane] = useState<Pane>('stage')
  const sheet = (
    <div className="frame-sheet">
      <Stage />
      <details open className="frame-sheet-packet">
        <summary>{t.packet}</summary>
        <PacketPanel />
      </details>
    </div>
  )
  return (
    <div className="frame frame-narrow">
      <div className="frame-narrow-main">
        <Tabs
          label={drawer.label}
          value={pane}
          onChange={setPane}
          tabs={[
            { id: 'stage', label: t.stage, content: sheet },
            { id: 'editor', label: t.editor, content: <Yaml /> },
            { id: 'side', label: path.title, content: <Side /> },
            { id: 'details', label: drawer.label, content: <Drawer /> },
          ]}
        />
      </div>
      {bars}
    </div>
  )
}

/** The text, and under it what is wrong with it. */
function Yaml() {
  return (
    <div className="frame-yaml">
      <EditorPanel />
      <ProblemsPanel />
    </div>
  )
}

function Stage() {
  return (
    <div className="frame-stage">
      <Strips />
      <div className="frame-stage-body">
        <GraphPanel />
      </div>
    </div>
  )
}
