/** Whether a header, by its name in normal form, tells some frameworks to take another method than the one that was judged. */
export function isMethodOverride(name: string): boolean {
  return name.startsWith('x-http-method') || name === 'x-method-override';
}
