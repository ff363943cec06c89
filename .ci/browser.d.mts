export const HELP: string
export function findBrowser(): string | undefined
export function launchArgs(): string[]
