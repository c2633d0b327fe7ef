/** Another process leads now, or may: what was to be written was not. */
export class LeadLost extends Error {
  override readonly name = 'LeadLost';

  constructor() {
    super('Another process leads now.');
  }
}
