/** The question cannot be answered as it stands: one line on stderr, exit 2, nothing on stdout. */
export class BadInput extends Error {}

/** Ends a command over bad input. Only the first line of the message is said. */
export function bad(message: string): never {
  throw new BadInput(message.split('\n')[0] ?? '')
}
