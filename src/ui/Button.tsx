import type { ButtonHTMLAttributes, Ref } from 'react'

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: 'normal' | 'solid' | 'plain' | 'link'
  /** Only an icon inside: `aria-label` must then say what it does. */
  readonly square?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button; never submits a form by accident. */
export function Button({ look = 'normal', square, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      data-look={look}
      data-square={square ? '' : undefined}
      className={className ? `button ${className}` : 'button'}
      {...rest}
    />
  )
}
