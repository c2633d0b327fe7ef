import type { Part } from './errors.js';

/** `up`: works; `degraded`: works, and will not for long; `down`: requests that need it are answered 503. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The health of one thing that a guard needs. May name tenants and URLs, so show it only to operators. */
export interface HealthPart {
  readonly part: Part;
  /** Which one, if there are several: the URL of a document, the prefix of a store. */
  readonly name?: string;
  readonly status: HealthStatus;
  /** For people. */
  readonly message: string;
  /** How old what it serves is, in milliseconds. */
  readonly ageMs?: number;
  /** Whether other processes share it; for stores. */
  readonly shared?: boolean;
  /** How many records it holds. */
  readonly entries?: number;
  /** How many records it holds that this release can not read; for revocations. */
  readonly unreadable?: number;
  /** For how long it has not been brought up to date, in milliseconds; for revocations that are shared. */
  readonly staleMs?: number;
  /** Why the last attempt to bring it up to date failed. */
  readonly lastError?: string;
}

/** Whether requests can be decided about. */
export interface Health {
  /** That of the part that is worst off; `degraded` where only some of several documents are `down`. */
  readonly status: HealthStatus;
  /** What is wrong, and until when it lasts. For people; names no tenant and no URL, so a public probe may show it. */
  readonly message: string;
  readonly parts: readonly HealthPart[];
}
