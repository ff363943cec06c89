import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './Button.tsx'

type CopyButtonProps = { readonly text: string | (() => string); readonly label: string; readonly done: string }

/** Copies a text and says for two seconds that it did. */
export function CopyButton({ text, label, done }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await navigator.clipboard?.writeText(typeof text === 'string' ? text : text())
    setCopied(true)
  }
  const Icon = copied ? Check : Copy
  return (
    <Button look="plain" square aria-label={copied ? done : label} title={copied ? done : label} onClick={() => void copy()}>
      <Icon size={14} aria-hidden="true" />
    </Button>
  )
}
