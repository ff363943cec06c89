/** A place in a text: UTF-16 offsets, half-open. */
export type SourceRange = { readonly file: string; readonly start: number; readonly end: number }
export type Severity = 'error' | 'warning' | 'info'

/** What is wrong with the input, and where. Codes are UPPER_SNAKE, stable and listed in the README. */
export type Diagnostic = {
  readonly code: string
  readonly severity: Severity
  /** English, in the API server's own words where it would say something. */
  readonly message: string
  readonly range: SourceRange
  /** `spec.ports[0].port`, when the trouble is in an object's field. */
  readonly field?: string
  readonly object?: { readonly kind: string; readonly namespace: string; readonly name: string }
  /** What a quick fix would put at a range; previewed before it is applied. */
  readonly fix?: { readonly title: string; readonly range: SourceRange; readonly text: string }
  /** Values for a translated message under the same code; absent where the words are the API server's. */
  readonly params?: Readonly<Record<string, string | number>>
}

export type SourceFile = { readonly name: string; readonly text: string }
