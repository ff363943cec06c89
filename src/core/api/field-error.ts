/** The kinds of field errors, as the API server names them in a Status' causes. */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

/** One cause of a Status: `message` is what stands behind `field: ` (apimachinery's ErrorBody). Internal errors have no type, no field. */
export type FieldError = { readonly type: FieldErrorType | ''; readonly field: string; readonly message: string }

/** Why a request was refused: the API server's Status. */
export type Refusal = {
  readonly reason: string
  readonly code: number
  readonly message: string
  readonly causes: readonly FieldError[]
}

const error = (type: FieldErrorType, field: string, head: string, detail = ''): FieldError => ({
  type,
  field,
  message: detail ? `${head}: ${detail}` : head,
})

/** `field.Required`. */
export function required(field: string, detail = ''): FieldError {
  return error('FieldValueRequired', field, 'Required value', detail)
}

/** `field.Invalid`: the value is quoted as Go prints it. */
export function invalid(field: string, value: unknown, detail: string): FieldError {
  return error('FieldValueInvalid', field, `Invalid value: ${printValue(value)}`, detail)
}

/** A value of a closed list; the list is printed sorted, as the API server does, unless `order` is 'as given'. */
export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
  order: 'sorted' | 'as given' = 'sorted',
): FieldError {
  const values = order === 'sorted' ? [...supported].sort() : supported
  const detail = `supported values: ${values.map(goQuote).join(', ')}`
  return error('FieldValueNotSupported', field, `Unsupported value: ${printValue(value)}`, detail)
}

/** `field.Duplicate`. */
export function duplicate(field: string, value: unknown): FieldError {
  return error('FieldValueDuplicate', field, `Duplicate value: ${printValue(value)}`)
}

/** `field.Forbidden`. */
export function forbidden(field: string, detail: string): FieldError {
  return error('FieldValueForbidden', field, 'Forbidden', detail)
}

/** `field.TooLong`: at most so many bytes. */
export function tooLong(field: string, max: number): FieldError {
  return error('FieldValueTooLong', field, 'Too long', `may not be more than ${max} bytes`)
}

/** `field.TooMany`: at most so many items. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  return error('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`)
}

/** `spec.ports[0].port: Invalid value: …`: a field error in full. */
export function printFieldError({ field, message }: FieldError): string {
  return `${field}: ${message}`
}

/** 422 Invalid, with a cause per field error. `kind` is qualified by its group. */
export function invalidObject(kind: string, name: string, errors: readonly FieldError[]): Refusal {
  const texts = [...new Set(errors.map(printFieldError))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return { reason: 'Invalid', code: 422, message: `${kind} ${goQuote(name)} is invalid: ${list}`, causes: errors }
}

/** 400 BadRequest. */
export function badRequest(message: string): Refusal {
  return { reason: 'BadRequest', code: 400, message, causes: [] }
}

/** 500 InternalError, as `errors.NewInternalError` words it. */
export function internalError(message: string): Refusal {
  return { reason: 'InternalError', code: 500, message: `Internal error occurred: ${message}`, causes: [{ type: '', field: '', message }] }
}

/** A value as field errors print it: strings Go-quoted, null and numbers bare, all else JSON. */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return goQuote(value)
  return typeof value === 'object' ? goJson(value) : String(value)
}

/** A value as Go's encoding/json writes it: `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** A text as Go's `%q` writes it. */
export function goQuote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return `"${text.replace(/[\u0000-\u001f"\\\u007f-\u00a0\u00ad\u2028\u2029\ufeff]/g, (character) => {
    const code = character.charCodeAt(0)
    return ESCAPES[character] ?? (code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  })}"`
}
