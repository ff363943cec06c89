import { lazy, type ReactNode, Suspense } from 'react'
import { PathPanel } from '../panels/path/PathPanel.tsx'
import { RulesPanel } from '../panels/rules/RulesPanel.tsx'
import { useSelect, useText, useWorkbench } from '../store/hooks.tsx'
import { hasIngress } from '../store/select.ts'
import { Tabs } from '../ui/Tabs.tsx'

// What is not seen at first comes when its tab is opened.
const ComparePanel = lazy(() => import('../panels/compare/ComparePanel.tsx').then((module) => ({ default: module.ComparePanel })))
const ConvertPanel = lazy(() => import('../panels/convert/ConvertPanel.tsx').then((module) => ({ default: module.ConvertPanel })))
const LessonPanel = lazy(() => import('../panels/lesson/LessonPanel.tsx').then((module) => ({ default: module.LessonPanel })))
const EventsPanel = lazy(() => import('../panels/events/EventsPanel.tsx').then((module) => ({ default: module.EventsPanel })))
const HistoryPanel = lazy(() => import('../panels/history/HistoryPanel.tsx').then((module) => ({ default: module.HistoryPanel })))
const ProfilesPanel = lazy(() => import('../panels/profiles/ProfilesPanel.tsx').then((module) => ({ default: module.ProfilesPanel })))
const SlicesPanel = lazy(() => import('../panels/slices/SlicesPanel.tsx').then((module) => ({ default: module.SlicesPanel })))

const later = (panel: ReactNode) => <Suspense>{panel}</Suspense>

/** What can be looked up about the cluster and its requests. */
export function Drawer() {
  const { shell, details } = useText()
  const { drawer: t } = shell
  const convertible = useSelect(hasIngress)
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
          { id: 'slices', label: t.tabs.slices, content: later(<SlicesPanel />) },
          { id: 'events', label: t.tabs.events, content: later(<EventsPanel />) },
          { id: 'compare', label: t.tabs.compare, content: later(<ComparePanel />) },
          ...(convertible || drawer === 'profiles'
            ? [{ id: 'profiles' as const, label: details.profiles.tab, content: later(<ProfilesPanel />) }]
            : []),
          ...(convertible || drawer === 'convert'
            ? [{ id: 'convert' as const, label: details.convert.tab, content: later(<ConvertPanel />) }]
            : []),
          { id: 'history', label: t.tabs.history, content: later(<HistoryPanel />) },
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
    <section className="drawer" aria-label={t.side} id="path" tabIndex={-1}>
      <Tabs
        label={t.side}
        value={side}
        onChange={setSide}
        tabs={[
          { id: 'path', label: t.tabs.path, content: <PathPanel /> },
          { id: 'lesson', label: t.tabs.lesson, content: later(<LessonPanel />) },
        ]}
      />
    </section>
  )
}
