/** Takes out what looks like a token, or like a user and a password in a URL, so that a mistyped command does not write one to a log. */
export function redacted(text: string): string {
  return text
    .replace(/\beyJ[\w+/=-]*(\.[\w+/=-]*)*/g, '(a token)')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1…@');
}
