/** The command can't run on what it was given. Ends with exit code 2. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError';
  /** What to do. */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
