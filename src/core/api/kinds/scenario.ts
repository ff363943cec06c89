/** A text in one or several languages, by language code. */
export type Texts = Readonly<Record<string, string>>

/** What a request should come to; the keys under `modes` override the others in that mode. */
export type Expectation = {
  readonly code?: string
  readonly http?: number
  /** A Pod's name, or a label selector `a=b,c=d`. */
  readonly backend?: string
  readonly seenSource?: string
  /** Of the HTTP request as the backend received it, as far as given. */
  readonly request?: {
    readonly method?: string
    readonly path?: string
    readonly host?: string
    readonly headers?: Readonly<Record<string, string>>
  }
  /** Of the HTTP answer, as far as given. */
  readonly response?: { readonly headers?: Readonly<Record<string, string>> }
  /** Endpoint (Pod name or `ip:port`) to probability. */
  readonly ways?: Readonly<Record<string, number>>
}

export type ScenarioRequest = {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly via?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | 'icmp'
  readonly connection?: 'new' | 'keep-alive'
  readonly count?: number
  readonly expect?: Expectation & { readonly modes?: Readonly<Record<string, Expectation>> }
}

export type Fault =
  | { readonly fault: 'link'; readonly nodes: readonly [string, string] }
  | { readonly fault: 'node'; readonly node: string }
  | { readonly fault: 'lb-pool' }

export type ScenarioStep =
  | { readonly step: 'send'; readonly request: string }
  | { readonly step: 'apply'; readonly text: string }
  | { readonly step: 'delete'; readonly object: string }
  | { readonly step: 'patch'; readonly object: string; readonly set: Readonly<Record<string, unknown>> }
  | { readonly step: 'scale'; readonly object: string; readonly replicas: number }
  | { readonly step: 'ready'; readonly pod: string; readonly value: boolean }
  | { readonly step: 'wait'; readonly ms: number }
  | { readonly step: 'freeze' | 'thaw'; readonly node: string }
  | { readonly step: 'fault' | 'heal'; readonly fault: Fault }
  | { readonly step: 'say'; readonly text: Texts }
  | { readonly step: 'ask'; readonly text: Texts; readonly request?: string }

export type Scenario = {
  readonly name: string
  readonly title: Texts
  readonly lesson?: Texts
  readonly requests: readonly ScenarioRequest[]
  /** Absent in the input: every request is sent once. */
  readonly steps: readonly ScenarioStep[]
  readonly goal?: readonly unknown[]
  readonly forbid?: readonly unknown[]
  readonly hints?: readonly unknown[]
  readonly solution?: unknown
}
