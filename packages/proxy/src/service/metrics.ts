import { EntraGuardError } from '@entra-guard/core';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Judge } from './judge.js';
import type { Verdict } from './verdict.js';

interface Labels {
  readonly app: string;
  readonly rule: string;
  readonly outcome: string;
  readonly code: string;
}

/** What monitoring reads. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What the service tells monitoring (Prometheus text format). Nothing in it is a caller's. */
export class ServiceMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #decisions: Counter<keyof Labels>;
  readonly #seconds: Histogram;
  /** Counted here, and told when asked: labels cost more than the rest of a decision. */
  readonly #counts = new Map<string, { readonly labels: Labels; number: number }>();

  /** @param current gives the judge that decides now */
  constructor(current: () => Judge) {
    const registers = [this.#registry];
    this.#decisions = new Counter({
      name: 'entra_guard_decisions_total',
      help: 'Decisions about requests, by rule and outcome',
      labelNames: ['app', 'rule', 'outcome', 'code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'entra_guard_decision_seconds',
      help: 'Time from a question to its decision',
      buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5],
      registers,
    });
    new Gauge({
      name: 'entra_guard_keys_age_seconds',
      help: 'Time since metadata and signing keys were read, of the oldest document',
      registers,
      collect() {
        const read = current()
          .guard.validator.state()
          .sources.flatMap(({ fetchedAt }) => (fetchedAt === undefined ? [] : [fetchedAt]));
        this.reset();
        if (read.length > 0) this.set(Math.max(0, (Date.now() - Math.min(...read)) / 1000));
      },
    });
  }

  /** Counts a decision. The labels are of the policy and of closed lists, so that clients make no new ones. */
  count(verdict: Verdict, seconds: number): void {
    const app = verdict.app?.name ?? '';
    const rule = verdict.rule?.path ?? '';
    const code = verdict.allowed ? '' : codeOf(verdict.error);
    const key = `${app} ${rule} ${code}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.number += 1;
    else {
      const labels = { app, rule, outcome: verdict.allowed ? 'allow' : 'deny', code };
      this.#counts.set(key, { labels, number: 1 });
    }
    this.#seconds.observe(seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    this.#decisions.reset();
    for (const { labels, number } of this.#counts.values()) this.#decisions.inc(labels, number);
    return this.#registry.metrics();
  }
}

function codeOf(error: unknown): string {
  return EntraGuardError.is(error) ? error.code : 'internal_error';
}
