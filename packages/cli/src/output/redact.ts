/** Takes out what looks like a token, so that a mistyped command does not write one to a log. */
export function redacted(text: string): string {
  return text.replace(/\beyJ[\w+/=-]*(\.[\w+/=-]*)*/g, '(a token)');
}
