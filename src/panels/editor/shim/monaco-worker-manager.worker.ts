import { initialize as start } from 'monaco-editor/editor/editor.worker'

/** The worker's side of the stand-in for monaco-worker-manager: see its neighbour. */
export function initialize(create: (context: unknown, createData: unknown) => object): void {
  self.onmessage = () => {
    start((context: unknown, createData: unknown) => Object.create(create(context, createData)))
  }
}
