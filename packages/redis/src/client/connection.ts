/** The name of a command and its arguments. */
export type Command = readonly [name: string, ...args: string[]];

/** A connection that only one reader uses, so that a command may block it. */
export interface Connection {
  /** Sends a command. Rejects if the server refuses it, or the connection ends before the reply. */
  send(command: Command): Promise<unknown>;
  /** Ends the connection at once. Commands that wait for a reply reject. Idempotent, and never throws. */
  destroy(): void;
}

/** The application's client, whichever it is. */
export interface Client {
  /** Its package and kind, for messages: `ioredis`, `redis cluster`. */
  readonly name: string;
  /** Whether its keys are spread over several servers, so that keys of one transaction need a hash tag. */
  readonly cluster: boolean;
  /** Sends a command. While the client reconnects, it may keep it, and send it later. */
  send(command: Command): Promise<unknown>;
  /** Runs all commands or none (MULTI, EXEC). Rejects if the server refuses one of them. */
  transaction(commands: readonly Command[]): Promise<void>;
  /** Opens a connection with the client's settings. Makes one attempt, and rejects if that fails. */
  open(): Promise<Connection>;
}
