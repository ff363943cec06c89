import { useSyncExternalStore } from 'react'

const query = matchMedia('(max-width: 1023px)')

function subscribe(listen: () => void): () => void {
  query.addEventListener('change', listen)
  return () => query.removeEventListener('change', listen)
}

/** Whether the window is too narrow for three columns. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches)
}
