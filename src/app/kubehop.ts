import type { ModeId } from '../core/kernel/program.ts'
import type { Diagnostic } from '../core/source/diagnostic.ts'
import { placeIn } from '../store/select.ts'
import { rulesKey } from '../store/state.ts'
import type { Workbench } from '../store/store.ts'

const KINDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['Namespace', 'Node', 'Pod', 'Service', 'EndpointSlice', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Client'].flatMap(
      (kind) => [
        [kind.toLowerCase(), kind],
        [`${kind.toLowerCase()}s`, kind],
      ],
    ),
  ),
  endpoints: 'Endpoints',
  ingress: 'Ingress',
  ingresses: 'Ingress',
  ingressclass: 'IngressClass',
  ingressclasses: 'IngressClass',
  ns: 'Namespace',
  no: 'Node',
  po: 'Pod',
  svc: 'Service',
  ep: 'Endpoints',
  deploy: 'Deployment',
  rs: 'ReplicaSet',
  sts: 'StatefulSet',
  ds: 'DaemonSet',
  ing: 'Ingress',
}

/**
 * What the page promises to scripts, tests and slides as `window.kubehop` (contract, section 3). Reading is always allowed; doing needs
 * `clock=manual`, so that no script can surprise a person. `spoken`: the page's language has come.
 */
export function kubehopOf(workbench: Workbench, version: string, spoken: Promise<void>) {
  const get = workbench.store.getState
  const allowed = (what: string) => {
    if (!get().knobs.manualClock) throw new Error(`kubehop.${what}: open the page with clock=manual to allow this`)
  }
  const printed = (node: string, mode: ModeId) =>
    get()
      .rules.get(rulesKey(node, mode))
      ?.map((line) => line.text)
      .join('\n')
  return {
    version,
    /** Settles when no edit and no request is under way; asked for again after a change it waits again. */
    get ready(): Promise<void> {
      return spoken.then(workbench.whenSettled)
    },
    diagnostics: () => get().diagnostics.map((diagnostic) => plain(diagnostic)),
    trace: () => {
      const { run } = get()
      return run && { requests: run.traces }
    },
    index: () => get().index,
    yaml: () =>
      get()
        .files.map((file) => file.text)
        .join('\n---\n'),
    objects: (kind: string) => {
      const wanted = KINDS[kind.toLowerCase()] ?? kind
      return (get().live?.objects ?? []).filter((object) => object.kind === wanted)
    },
    /** The text at once where it is at hand (every normal cluster), else a promise of it. */
    rules: (node: string, mode: ModeId): string | Promise<string> =>
      printed(node, mode) ?? workbench.needRules(node, mode).then(() => printed(node, mode) ?? ''),
    seek: (index: number) => {
      allowed('seek')
      workbench.seek(index)
    },
    step: (count: number) => {
      allowed('step')
      workbench.step(count)
    },
    send: (): Promise<void> => {
      allowed('send')
      return workbench.send()
    },
    setYaml: (text: string): Promise<void> => {
      allowed('setYaml')
      workbench.setFiles([{ name: get().files[0]?.name ?? 'cluster.yaml', text }])
      return workbench.whenSettled()
    },
  }

  function plain({ code, severity, message, range, field, object }: Diagnostic) {
    const { line, column } = placeIn(get(), range)
    return {
      file: range.file,
      line,
      col: column,
      severity,
      code,
      message,
      ...(field === undefined ? {} : { field }),
      ...(object ? { object } : {}),
    }
  }
}
