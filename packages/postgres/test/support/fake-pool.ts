import { EventEmitter } from 'node:events';

/** What a client answers to a statement. */
export type Answers = (text: string, client: FakeClient) => unknown;

/** A client that answers as it is told, and writes down what it was sent. */
export class FakeClient extends EventEmitter {
  readonly #answers: Answers;
  readonly statements: string[];
  /** What it was released with, each time. */
  readonly released: unknown[] = [];

  constructor(answers: Answers, statements: string[]) {
    super();
    this.#answers = answers;
    this.statements = statements;
  }

  async query(text: string): Promise<unknown> {
    this.statements.push(text);
    return this.#answers(text, this);
  }

  release(error?: unknown): void {
    this.released.push(error);
  }
}

/** A pool of such clients, a new one each time. */
export class FakePool {
  readonly statements: string[] = [];
  readonly clients: FakeClient[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers = () => ({ rows: [] })) {
    this.#answers = answers;
  }

  async connect(): Promise<FakeClient> {
    const client = new FakeClient(this.#answers, this.statements);
    this.clients.push(client);
    return client;
  }
}
