import type * as Monaco from 'monaco-editor/editor'
import { configureMonacoYaml } from 'monaco-yaml'
import type { Diagnostic, SourceRange } from '../../core/source/diagnostic.ts'
import { editorSchema } from './schema.ts'
import { SNIPPETS } from './snippets.ts'
import YamlWorker from './yaml.worker.ts?worker'

export type EditorTheme = 'light' | 'dark' | 'projector'
/** A line that the current event depends on; `decided` is the line that decided it. */
export type LitLine = { readonly range: SourceRange; readonly decided: boolean; readonly note: string }

export type EditorOptions = {
  readonly language: string
  readonly theme: EditorTheme
  readonly label: string
  readonly readOnly: boolean
  readonly onChange: (file: string, text: string) => void
  readonly onCursor: (file: string, offset: number) => void
  readonly onFocus: (focused: boolean) => void
  readonly fixTitle: (title: string, before: string, after: string) => string
}

/** The editor as the rest of the panel sees it: texts, marks and places, and nothing of Monaco. */
export type Editor = {
  readonly show: (file: string, text: string) => void
  readonly forget: (keep: readonly string[]) => void
  readonly mark: (file: string, diagnostics: readonly Diagnostic[]) => void
  readonly light: (file: string, lines: readonly LitLine[]) => void
  readonly reveal: (range: SourceRange) => void
  readonly setTheme: (theme: EditorTheme) => void
  readonly setFontSize: (pixels: number) => void
  readonly focus: () => void
  readonly dispose: () => void
}

type Api = typeof Monaco
let loading: Promise<Api> | undefined

/** Loads Monaco once. Its own words follow the language of the first call: Monaco cannot change them later. */
function loadMonaco(language: string): Promise<Api> {
  loading ??= (async () => {
    if (language === 'zh') await import('monaco-editor/nls/lang/zh-cn')
    const [api, { default: EditorWorker }] = await Promise.all([
      import('monaco-editor/editor'),
      import('monaco-editor/editor/editor.worker?worker'),
      import('monaco-editor/features/register.all'),
      import('monaco-editor/languages/definitions/yaml/register'),
    ])
    self.MonacoEnvironment = { getWorker: (_id, label) => (label === 'yaml' ? new YamlWorker() : new EditorWorker()) }
    defineThemes(api)
    // Our own diagnostics know the API server's rules: monaco-yaml only completes, explains, folds and formats.
    configureMonacoYaml(api as never, {
      validate: false,
      completion: true,
      hover: true,
      enableSchemaRequest: false,
      isKubernetes: false,
      format: { enable: true },
      schemas: [{ uri: 'inmemory://kubehop/kubernetes.json', fileMatch: ['**/*.yaml', '**/*.yml'], schema: editorSchema() as never }],
    })
    registerSnippets(api)
    registerFixes(api)
    return api
  })()
  return loading
}

/** The quick fixes of each model, by its URI: Monaco asks for them by marker. */
const fixes = new Map<string, { readonly diagnostics: readonly Diagnostic[]; readonly title: EditorOptions['fixTitle'] }>()

/** Puts Monaco into an element. */
export async function openEditor(host: HTMLElement, options: EditorOptions): Promise<Editor> {
  const api = await loadMonaco(options.language)
  const editor = api.editor.create(host, {
    model: null,
    theme: `kubehop-${options.theme}`,
    automaticLayout: true,
    readOnly: options.readOnly,
    ariaLabel: options.label,
    accessibilitySupport: 'auto',
    fixedOverflowWidgets: true,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    renderLineHighlight: 'line',
    renderFinalNewline: 'on',
    fontSize: 13,
    lineHeight: 20,
    fontFamily: 'ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace',
    tabSize: 2,
    insertSpaces: true,
    detectIndentation: false,
    folding: true,
    glyphMargin: false,
    lineNumbersMinChars: 3,
    lineDecorationsWidth: 14,
    padding: { top: 8, bottom: 8 },
    overviewRulerBorder: false,
    stickyScroll: { enabled: false },
    unicodeHighlight: { ambiguousCharacters: false },
    scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
    quickSuggestions: { other: true, strings: true, comments: false },
    wordBasedSuggestions: 'off',
    // In YAML a word at the end of a line is followed by Enter: that must end the line. Tab takes a suggestion.
    acceptSuggestionOnEnter: 'off',
  })
  return handleOf(api, editor, options)
}

function handleOf(api: Api, editor: Monaco.editor.IStandaloneCodeEditor, options: EditorOptions): Editor {
  const models = new Map<string, Monaco.editor.ITextModel>()
  const views = new Map<string, Monaco.editor.ICodeEditorViewState | null>()
  const lit = editor.createDecorationsCollection()
  const pulse = editor.createDecorationsCollection()
  let current = ''
  /** True while a text is put in from outside: that is no edit of the person's. */
  let quiet = false
  const modelOf = (file: string, text: string) => {
    let model = models.get(file)
    if (!model) {
      model = api.editor.createModel(text, 'yaml', uriOf(api, file))
      model.onDidChangeContent(() => {
        if (!quiet) options.onChange(file, model?.getValue() ?? '')
      })
      models.set(file, model)
    }
    return model
  }
  editor.onDidChangeCursorPosition(({ position }) => {
    const offset = editor.getModel()?.getOffsetAt(position)
    if (offset !== undefined && !quiet) options.onCursor(current, offset)
  })
  editor.onDidFocusEditorText(() => options.onFocus(true))
  editor.onDidBlurEditorText(() => options.onFocus(false))

  const show = (file: string, text: string) => {
    const model = modelOf(file, text)
    if (file !== current) {
      if (current) views.set(current, editor.saveViewState())
      current = file
      quiet = true
      editor.setModel(model)
      const view = views.get(file)
      if (view) editor.restoreViewState(view)
      quiet = false
    }
    if (model.getValue() === text) return
    quiet = true
    // As an edit, so that Monaco's own undo can go back over it.
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null)
    quiet = false
  }
  return {
    show,
    forget: (keep) => {
      for (const [file, model] of models) {
        if (keep.includes(file)) continue
        fixes.delete(String(model.uri))
        models.delete(file)
        model.dispose()
      }
    },
    mark: (file, diagnostics) => {
      const model = models.get(file)
      if (!model) return
      fixes.set(String(model.uri), { diagnostics, title: options.fixTitle })
      api.editor.setModelMarkers(
        model,
        'kubehop',
        diagnostics.map((diagnostic) => ({
          ...rangeIn(model, diagnostic.range),
          severity: severityOf(api, diagnostic),
          message: diagnostic.message,
          code: diagnostic.code,
          source: 'kubehop',
        })),
      )
    },
    light: (file, lines) => {
      const model = models.get(file)
      if (!model || file !== current) {
        lit.clear()
        return
      }
      lit.set(lines.flatMap((line) => decorationsOf(model, line)))
      // The line that decides comes into view by itself, but never under the hands of somebody who types.
      const decided = lines.find((line) => line.decided)
      if (decided && !editor.hasTextFocus()) editor.revealLineInCenterIfOutsideViewport(rangeIn(model, decided.range).startLineNumber)
    },
    reveal: (range) => {
      const model = models.get(range.file)
      if (!model || range.file !== current) return
      const where = rangeIn(model, range)
      editor.revealRangeInCenterIfOutsideViewport(where, api.editor.ScrollType.Smooth)
      quiet = true
      editor.setPosition({ lineNumber: where.startLineNumber, column: where.startColumn })
      quiet = false
      pulse.set([{ range: where, options: { isWholeLine: true, className: 'kh-pulse' } }])
    },
    setTheme: (theme) => api.editor.setTheme(`kubehop-${theme}`),
    setFontSize: (pixels) => editor.updateOptions({ fontSize: pixels, lineHeight: Math.round(pixels * 1.55) }),
    focus: () => editor.focus(),
    dispose: () => {
      for (const model of models.values()) {
        fixes.delete(String(model.uri))
        model.dispose()
      }
      editor.dispose()
    },
  }
}

/** Any file name as a URI that the schema's `fileMatch` takes. */
function uriOf(api: Api, file: string): Monaco.Uri {
  return api.Uri.parse(`file:///${encodeURIComponent(file.replace(/\.(ya?ml|json)$/i, ''))}.yaml`)
}

function rangeIn(model: Monaco.editor.ITextModel, range: { readonly start: number; readonly end: number }): Monaco.IRange {
  const start = model.getPositionAt(range.start)
  const end = model.getPositionAt(Math.max(range.end, range.start))
  return { startLineNumber: start.lineNumber, startColumn: start.column, endLineNumber: end.lineNumber, endColumn: end.column }
}

function severityOf(api: Api, diagnostic: Diagnostic): Monaco.MarkerSeverity {
  if (diagnostic.severity === 'error') return api.MarkerSeverity.Error
  return diagnostic.severity === 'warning' ? api.MarkerSeverity.Warning : api.MarkerSeverity.Hint
}

function decorationsOf(model: Monaco.editor.ITextModel, line: LitLine): readonly Monaco.editor.IModelDeltaDecoration[] {
  const { startLineNumber, startColumn } = rangeIn(model, line.range)
  const end = model.getLineMaxColumn(startLineNumber)
  const on = { startLineNumber, startColumn, endLineNumber: startLineNumber, endColumn: end }
  const marks = {
    range: on,
    options: {
      isWholeLine: true,
      className: line.decided ? 'kh-lit kh-decided' : 'kh-lit',
      linesDecorationsClassName: line.decided ? 'kh-bar kh-bar-decided' : 'kh-bar',
      overviewRuler: { color: '#0B3A7E', position: 1 },
    },
  }
  if (!line.note) return [marks]
  const note = { after: { content: `\u2003${line.note}`, inlineClassName: 'kh-note' }, showIfCollapsed: true }
  return [marks, { range: { ...on, startColumn: end }, options: note }]
}

function registerFixes(api: Api): void {
  api.languages.registerCodeActionProvider('yaml', {
    provideCodeActions: (model, _range, context) => {
      const known = fixes.get(String(model.uri))
      const actions = context.markers
        .filter((marker) => marker.source === 'kubehop')
        .flatMap((marker) => {
          const diagnostic = known?.diagnostics.find((one) => one.fix && one.code === marker.code && sameStart(model, one, marker))
          if (!known || !diagnostic?.fix) return []
          const range = rangeIn(model, diagnostic.fix.range)
          return [
            {
              // The title is the preview: what stands there now, and what would.
              title: known.title(diagnostic.fix.title, model.getValueInRange(range), diagnostic.fix.text),
              kind: 'quickfix',
              isPreferred: true,
              diagnostics: [marker],
              edit: { edits: [{ resource: model.uri, versionId: model.getVersionId(), textEdit: { range, text: diagnostic.fix.text } }] },
            },
          ]
        })
      return { actions, dispose: () => {} }
    },
  })
}

function sameStart(model: Monaco.editor.ITextModel, diagnostic: Diagnostic, marker: Monaco.editor.IMarkerData): boolean {
  const start = model.getPositionAt(diagnostic.range.start)
  return start.lineNumber === marker.startLineNumber && start.column === marker.startColumn
}

/** Whole objects to start from: offered where a document begins, which the schema's own completion does poorly. */
function registerSnippets(api: Api): void {
  api.languages.registerCompletionItemProvider('yaml', {
    provideCompletionItems: (model, position) => {
      const before = model.getLineContent(position.lineNumber).slice(0, position.column - 1)
      const above = position.lineNumber > 1 ? model.getLineContent(position.lineNumber - 1).trim() : '---'
      if (!/^\w*$/.test(before) || !(above === '' || above.startsWith('---') || above.startsWith('#'))) return { suggestions: [] }
      const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: 1, endColumn: position.column }
      return {
        suggestions: SNIPPETS.map(({ kind, text }) => ({
          label: `${kind} (new)`,
          kind: api.languages.CompletionItemKind.Snippet,
          insertText: text,
          insertTextRules: api.languages.CompletionItemInsertTextRule.InsertAsSnippet,
          detail: 'kubehop',
          documentation: text.replace(/\$\{\d+:([^}]*)\}/g, '$1'),
          sortText: `0${kind}`,
          range,
        })),
      }
    },
  })
}

function defineThemes(api: Api): void {
  const light = [
    { token: 'type.yaml', foreground: '0B4A9E' },
    { token: 'string.yaml', foreground: '12694A' },
    { token: 'number.yaml', foreground: '12694A' },
    { token: 'comment.yaml', foreground: '5B6470' },
    { token: 'keyword.yaml', foreground: '7C3FB0' },
  ]
  const dark = [
    { token: 'type.yaml', foreground: '8AB4FF' },
    { token: 'string.yaml', foreground: '7FE3B8' },
    { token: 'number.yaml', foreground: '7FE3B8' },
    { token: 'comment.yaml', foreground: '9AA4B2' },
    { token: 'keyword.yaml', foreground: 'EDBBEF' },
  ]
  const paper = (background: string, numbers: string, active: string) => ({
    'editor.background': background,
    'editorLineNumber.foreground': numbers,
    'editorLineNumber.activeForeground': active,
    'editorLineNumber.dimmedForeground': numbers,
  })
  api.editor.defineTheme('kubehop-light', { base: 'vs', inherit: true, rules: light, colors: paper('#ffffff', '#5B6470', '#1B2430') })
  api.editor.defineTheme('kubehop-projector', { base: 'vs', inherit: true, rules: light, colors: paper('#ffffff', '#3E4650', '#000000') })
  api.editor.defineTheme('kubehop-dark', { base: 'vs-dark', inherit: true, rules: dark, colors: paper('#151b24', '#8E98A6', '#E6EBF2') })
}
