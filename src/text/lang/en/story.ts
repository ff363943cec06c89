/** Steps and verdicts as sentences. */
export const story = {
  start: 'Press Space. Follow one request.',
}
