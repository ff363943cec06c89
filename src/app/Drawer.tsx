import { ComparePanel } from '../panels/compare/ComparePanel.tsx'
import { EventsPanel } from '../panels/events/EventsPanel.tsx'
import { HistoryPanel } from '../panels/history/HistoryPanel.tsx'
import { LessonPanel } from '../panels/lesson/LessonPanel.tsx'
import { PathPanel } from '../panels/path/PathPanel.tsx'
import { RulesPanel } from '../panels/rules/RulesPanel.tsx'
import { SlicesPanel } from '../panels/slices/SlicesPanel.tsx'
import { useSelect, useText, useWorkbench } from '../store/hooks.tsx'
import { Tabs } from '../ui/Tabs.tsx'

/** What can be looked up about the cluster and its requests. */
export function Drawer() {
  const { drawer: t } = useText().shell
  const { setDrawer } = useWorkbench()
  const drawer = useSelect((state) => state.drawer)
  return (
    <section className="drawer" aria-label={t.label}>
      <Tabs
        label={t.label}
        value={drawer}
        onChange={setDrawer}
        tabs={[
          { id: 'rules', label: t.tabs.rules, content: <RulesPanel /> },
          { id: 'slices', label: t.tabs.slices, content: <SlicesPanel /> },
          { id: 'events', label: t.tabs.events, content: <EventsPanel /> },
          { id: 'compare', label: t.tabs.compare, content: <ComparePanel /> },
          { id: 'history', label: t.tabs.history, content: <HistoryPanel /> },
        ]}
      />
    </section>
  )
}

/** The trace as text, and the lesson. */
export function Side() {
  const { drawer: t } = useText().shell
  const { setSide } = useWorkbench()
  const side = useSelect((state) => state.side)
  return (
    <section className="drawer" aria-label={t.side}>
      <Tabs
        label={t.side}
        value={side}
        onChange={setSide}
        tabs={[
          { id: 'path', label: t.tabs.path, content: <PathPanel /> },
          { id: 'lesson', label: t.tabs.lesson, content: <LessonPanel /> },
        ]}
      />
    </section>
  )
}
