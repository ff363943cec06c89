import { Component, type ReactNode } from 'react'
import { en } from '../text/index.ts'
import type { Messages } from '../text/messages.ts'
import { Button } from '../ui/Button.tsx'

type ErrorBoundaryProps = { readonly messages: () => Messages; readonly yaml: () => string; readonly children: ReactNode }

/** When we are wrong: says so, and shows the person's YAML so that nothing typed is lost. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    const { crash } = (this.props.messages() ?? en).shell
    return (
      <main className="crash" role="alert">
        <h1>{crash.title}</h1>
        <p>{crash.body}</p>
        <Button look="solid" onClick={() => this.setState({ error: undefined })}>
          {crash.again}
        </Button>
        <details>
          <summary>{crash.details}</summary>
          <pre>{error.stack ?? error.message}</pre>
        </details>
        <textarea readOnly rows={24} aria-label="YAML" value={this.props.yaml()} />
      </main>
    )
  }
}
