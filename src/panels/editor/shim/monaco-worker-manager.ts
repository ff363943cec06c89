import type * as monaco from 'monaco-editor/editor'

/**
 * Stands in for the package monaco-worker-manager (an alias in vite.config.ts): version 2.0.1, which monaco-yaml 5 uses, knows
 * neither Monaco's export map since 0.56 nor that `createWebWorker` is handed a running Worker there.
 */
type Options = { readonly label: string; readonly createData?: unknown }
type WorkerProxy = { withSyncedResources: (resources: monaco.Uri[]) => Promise<unknown>; dispose: () => void }

export function createWorkerManager(api: typeof monaco, options: Options) {
  let createData = options.createData
  let client: WorkerProxy | undefined
  const stop = () => {
    client?.dispose()
    client = undefined
  }
  const start = (): WorkerProxy => {
    const worker = self.MonacoEnvironment?.getWorker?.('', options.label) as Worker
    // The first message arms the worker's `initialize`, the second one is what it is initialised with.
    worker.postMessage('ignore')
    worker.postMessage(createData)
    return api.editor.createWebWorker({ worker }) as WorkerProxy
  }
  return {
    dispose: stop,
    getWorker: (...resources: monaco.Uri[]) => {
      client ??= start()
      return client.withSyncedResources(resources)
    },
    updateCreateData: (next: unknown) => {
      createData = next
      stop()
    },
  }
}
