import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FailureReason } from '../forward/gateway-failure.js';
import type { Judge } from '../service/judge.js';
import { type Metrics, ServiceMetrics } from '../service/metrics.js';
import type { Verdict } from '../service/verdict.js';

/** What the proxy tells monitoring: its decisions as a decision service does, and how applications answer. */
export class ProxyMetrics implements Metrics {
  readonly #decisions: ServiceMetrics;
  readonly #registry = new Registry();
  readonly #seconds: Histogram<'app'>;
  readonly #failures: Counter<'app' | 'reason'>;

  /**
   * @param current gives the judge that decides now
   * @param lasting gives how many requests are open
   */
  constructor(current: () => Judge, lasting: () => number) {
    this.#decisions = new ServiceMetrics(current);
    const registers = [this.#registry];
    this.#seconds = new Histogram({
      name: 'entra_guard_upstream_seconds',
      help: 'Time until the answer of an application begins',
      labelNames: ['app'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#failures = new Counter({
      name: 'entra_guard_upstream_failures_total',
      help: 'Requests that an application gave no whole answer to',
      labelNames: ['app', 'reason'],
      registers,
    });
    new Gauge({
      name: 'entra_guard_open_requests',
      help: 'Requests and WebSockets that are open',
      registers,
      collect() {
        this.set(lasting());
      },
    });
  }

  decided(verdict: Verdict, seconds: number): void {
    this.#decisions.count(verdict, seconds);
  }

  began(app: string, seconds: number): void {
    this.#seconds.observe({ app }, seconds);
  }

  failed(app: string, reason: FailureReason): void {
    this.#failures.inc({ app, reason });
  }

  get contentType(): string {
    return this.#decisions.contentType;
  }

  async text(): Promise<string> {
    return `${await this.#decisions.text()}\n${await this.#registry.metrics()}`;
  }
}
