import type { Visit } from './match.ts'

/** ipvs's hooks: a packet for a virtual server gets a real server's address and goes out again. */
export function ipvsStage(_visit: Visit): undefined {
  return undefined
}
