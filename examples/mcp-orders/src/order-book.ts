/** One order, and who has placed it. */
export interface Order {
  readonly id: number;
  readonly item: string;
  readonly amount: number;
  readonly placedBy: string;
  readonly paid: boolean;
}

/** The orders, in memory. */
export class OrderBook {
  readonly #orders = new Map<number, Order>([
    [1, { id: 1, item: 'tea', amount: 12, placedBy: 'the shop', paid: false }],
    [2, { id: 2, item: 'coffee', amount: 480, placedBy: 'the shop', paid: false }],
  ]);

  list(): readonly Order[] {
    return [...this.#orders.values()];
  }

  place(item: string, amount: number, placedBy: string): Order {
    const order = { id: this.#orders.size + 1, item, amount, placedBy, paid: false };
    this.#orders.set(order.id, order);
    return order;
  }

  /** Returns the order, paid; `undefined` if there is none that waits to be paid with this amount. */
  pay(id: number, amount: number): Order | undefined {
    const order = this.#orders.get(id);
    if (order === undefined || order.paid || order.amount !== amount) return undefined;
    const paid = { ...order, paid: true };
    this.#orders.set(id, paid);
    return paid;
  }

  delete(id: number): boolean {
    return this.#orders.delete(id);
  }
}
