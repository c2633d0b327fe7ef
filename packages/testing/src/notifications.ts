/** Answers a notification of Microsoft Graph in this process, in place of the server at its address. */
export type NotificationHandler = (request: Request) => Response | Promise<Response>;

/** Where notifications of Microsoft Graph go that are not for a port of this machine. */
export class Notifications {
  #handler: NotificationHandler | undefined;

  get handler(): NotificationHandler | undefined {
    return this.#handler;
  }

  /** @returns a function that brings the former handler back */
  receive(handler: NotificationHandler): () => void {
    const former = this.#handler;
    this.#handler = handler;
    return () => {
      this.#handler = former;
    };
  }
}
