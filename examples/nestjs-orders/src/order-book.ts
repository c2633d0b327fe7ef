/** One order. */
export interface Order {
  readonly id: number;
  readonly item: string;
  readonly quantity: number;
  /** `subjectKey` of the user or app that placed it. */
  readonly placedBy: string;
  readonly approvedBy?: string;
}

/** What a client sends to place an order. */
export type NewOrder = Pick<Order, 'item' | 'quantity'>;

/** Orders in memory, in place of a database. */
export class OrderBook {
  readonly #orders = new Map<number, Order>();
  #lastId = 0;

  constructor() {
    this.place({ item: 'tea', quantity: 40 }, 'opening-stock');
    this.place({ item: 'coffee', quantity: 25 }, 'opening-stock');
  }

  list(): readonly Order[] {
    return [...this.#orders.values()];
  }

  place({ item, quantity }: NewOrder, placedBy: string): Order {
    const order = { id: ++this.#lastId, item, quantity, placedBy };
    this.#orders.set(order.id, order);
    return order;
  }

  approve(id: number, approvedBy: string): Order | undefined {
    const order = this.#orders.get(id);
    if (order === undefined) return undefined;
    const approved = { ...order, approvedBy };
    this.#orders.set(id, approved);
    return approved;
  }

  delete(id: number): boolean {
    return this.#orders.delete(id);
  }

  csv(): string {
    const lines = this.list().map((order) =>
      [order.id, order.item, order.quantity, order.placedBy].join(','),
    );
    return ['id,item,quantity,placed by', ...lines].join('\n');
  }
}

/** Reads the body of a request. Returns `undefined` if it is not an order. */
export function readNewOrder(body: unknown): NewOrder | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { item, quantity } = body as Partial<Record<keyof NewOrder, unknown>>;
  if (typeof item !== 'string' || !/^\w[\w -]{0,79}$/.test(item)) return undefined;
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1) return undefined;
  return { item, quantity };
}
