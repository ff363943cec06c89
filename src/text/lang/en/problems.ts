/** Titles of diagnostics by code; the message itself is the API server's where it has one. */
export const problems = {
  noTitle: '',
}
