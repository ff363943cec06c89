declare module 'monaco-editor/editor/editor.worker' {
  /** Arms the worker: the next message is handed to `callback` as `createData`. */
  export function initialize(callback: (context: unknown, createData: unknown) => object): void
}
declare module 'monaco-editor/nls/lang/zh-cn' {}
