import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
import type { ModeId } from '../core/kernel/program.ts'
import type { RequestSpec } from '../core/sim/session.ts'
import type { SourceFile } from '../core/source/diagnostic.ts'

/** What a link holds. A scene that was not edited needs no files. */
export type SharedState = {
  readonly scene: string
  readonly files?: readonly SourceFile[]
  readonly request?: RequestSpec
  readonly mode?: ModeId
  readonly seed?: number
  readonly at?: number
}

/** Longer links are refused on reading, and not offered for copying. */
export const MAX_FRAGMENT = 64 * 1024
/** From here on some chat programs cut a link. */
export const LONG_LINK = 2000
/** What a fragment may grow to: beyond, it is a bomb. */
const MAX_INFLATED = 4 * 1024 * 1024
const PREFIX = 'v1='

/** The fragment (without `#`) that holds a state: raw deflate, base64url. The form is frozen: links outlive versions. */
export function encodeState(state: SharedState): string {
  const bytes = deflateSync(strToU8(JSON.stringify(state)), { level: 9 })
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return PREFIX + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Reads a fragment; undefined if it is none of ours, damaged, too long or not what it should be. */
export function decodeState(fragment: string): SharedState | undefined {
  const text = fragment.replace(/^#/, '')
  if (!text.startsWith(PREFIX) || text.length > MAX_FRAGMENT) return undefined
  try {
    const binary = atob(text.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'))
    const inflated = inflate(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
    return inflated && checked(JSON.parse(strFromU8(inflated)))
  } catch {
    return undefined
  }
}

/** Inflates piece by piece, so that a bomb is given up before it has grown. */
function inflate(bytes: Uint8Array): Uint8Array | undefined {
  const pieces: Uint8Array[] = []
  let size = 0
  let ended = false
  const stream = new Inflate((piece, final) => {
    size += piece.length
    ended = final
    if (size <= MAX_INFLATED) pieces.push(piece)
  })
  for (let at = 0; at < bytes.length && size <= MAX_INFLATED; at += 512) stream.push(bytes.slice(at, at + 512), at + 512 >= bytes.length)
  if (!ended || size > MAX_INFLATED) return undefined
  const all = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** A stranger's JSON, field by field. */
function checked(value: unknown): SharedState | undefined {
  if (!isRecord(value) || typeof value['scene'] !== 'string') return undefined
  const { scene, files, request, mode, seed, at } = value
  const sound =
    (files === undefined || (Array.isArray(files) && files.length > 0 && files.every(isFile))) &&
    (request === undefined || requestOf(request) !== undefined) &&
    (mode === undefined || mode === 'iptables' || mode === 'nftables' || mode === 'ipvs') &&
    (seed === undefined || Number.isSafeInteger(seed)) &&
    (at === undefined || Number.isSafeInteger(at))
  if (!sound) return undefined
  return {
    scene,
    ...(files === undefined ? {} : { files: files.map((file) => ({ name: file.name, text: file.text })) }),
    ...present('request', requestOf(request)),
    ...present('mode', mode as ModeId | undefined),
    ...present('seed', seed as number | undefined),
    ...present('at', at as number | undefined),
  }
}

function present<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const isFile = (value: unknown): value is SourceFile =>
  isRecord(value) && typeof value['name'] === 'string' && typeof value['text'] === 'string'

/** The fields of a request that are of the right type; undefined without `from` and `to`. What else a scenario says of it is left out. */
export function requestOf(value: unknown): RequestSpec | undefined {
  if (!isRecord(value)) return undefined
  const { from, to } = value
  if (typeof from !== 'string' || typeof to !== 'string') return undefined
  const fields = Object.entries(value).filter(([key, part]) => Object.hasOwn(FIELDS, key) && FIELDS[key]?.(part))
  return { ...Object.fromEntries(fields), from, to }
}

const isText = (part: unknown) => typeof part === 'string'
const FIELDS: Readonly<Record<string, (part: unknown) => boolean>> = {
  name: isText,
  via: isText,
  method: isText,
  headers: (part) => isRecord(part) && Object.values(part).every(isText),
  protocol: (part) => ['tcp', 'udp', 'sctp', 'icmp'].includes(String(part)),
  connection: (part) => part === 'new' || part === 'keep-alive',
  count: (part) => Number.isSafeInteger(part) && (part as number) > 0 && (part as number) <= 1_000_000,
}
