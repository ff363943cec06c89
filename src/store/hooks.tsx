import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { Messages } from '../text/messages.ts'
import type { WorkbenchState } from './state.ts'
import type { Workbench } from './store.ts'

const WorkbenchContext = createContext<Workbench | undefined>(undefined)
export const WorkbenchProvider = WorkbenchContext.Provider

/** The store's verbs. */
export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext)
  if (!workbench) throw new Error('no WorkbenchProvider above')
  return workbench
}

/** What a selector says now. It must answer the same reference while its answer is the same (see `select.ts`). */
export function useSelect<T>(selector: (state: WorkbenchState) => T): T {
  return useStore(useWorkbench().store, selector)
}

/** The words of the page's language. */
export function useText(): Messages {
  return useSelect((state) => state.messages)
}
