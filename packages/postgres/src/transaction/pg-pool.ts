/** A connection of a pool, as `pg` gives it. */
export interface PgClient {
  query(text: string): Promise<unknown>;
  /** Gives the connection back; with an error it is closed, and not used again. */
  release(error?: Error | boolean): void;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  removeListener?(event: 'error', listener: (error: Error) => void): unknown;
}

/** A `Pool` of `pg`, 8.11 or later, or an object that does what it does. */
export interface PgPool<C extends PgClient = PgClient> {
  connect(): Promise<C>;
  connect(callback: (...parameters: never[]) => void): unknown;
}
