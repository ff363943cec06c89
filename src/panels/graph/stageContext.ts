import { createContext, useContext } from 'react'
import type { ObjectKey } from '../../core/api/meta.ts'
import type { Messages } from '../../text/messages.ts'
import type { AddressBook } from '../../view/address.ts'
import type { Metrics } from '../../view/layout.ts'
import type { Scene } from '../../view/scene.ts'

/** What every box on the stage looks at besides its own data. */
export type StageView = {
  readonly t: Messages['stage']
  readonly scene: Scene | undefined
  readonly index: number
  readonly book: AddressBook
  readonly mode: string
  /** One of the small pictures is drawn: they say less. */
  readonly small: boolean
  /** By how much words are larger than the picture, so that they are readable on the screen. */
  readonly scale: number
  /** The metrics of the picture: how much room words have. */
  readonly metrics: Metrics
  readonly slicesHold: number
  readonly selected: ObjectKey | undefined
  /** Objects related to the one that is selected or under the pointer. */
  readonly linked: ReadonlySet<ObjectKey>
  readonly problems: ReadonlyMap<ObjectKey, readonly string[]>
  /** The one box that Tab reaches; arrow keys move it. */
  readonly focused: string | undefined
  readonly onPick: (key: ObjectKey) => void
  readonly onHover: (key: ObjectKey | undefined) => void
}

const StageContext = createContext<StageView | undefined>(undefined)
export const StageProvider = StageContext.Provider

export function useStage(): StageView {
  const view = useContext(StageContext)
  if (!view) throw new Error('no StageProvider above')
  return view
}
