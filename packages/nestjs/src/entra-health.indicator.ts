import type { Guard, Health } from '@entra-guard/core';
import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { CORE_GUARD } from './entra-guard.tokens.js';

/** What `HealthIndicatorService.check(key)` of @nestjs/terminus 11 and 12 gives. */
export interface TerminusIndicator<Result> {
  up(data?: { readonly message: string }): Result;
  down(data?: { readonly message: string }): Result;
  /** terminus 12. */
  degraded?(data?: { readonly message: string }): Result;
}

/** What an indicator gives in terminus 10. */
export type TerminusResult = Record<string, { readonly status: 'up' | 'down'; readonly message?: string }>;

/**
 * Tells @nestjs/terminus whether requests can be decided about: down while signing keys are unavailable, degraded while the
 * last known good ones are used. (terminus 10 and 11 have no "degraded": they show up, with a message.) Names no tenant and no
 * host, so a public probe may show it.
 *
 * ```ts
 * @Get('ready') @Public('the platform asks') @HealthCheck()
 * ready() { return this.health.check([() => this.entra.isHealthy(this.indicators.check('entra'))]); }
 * ```
 */
@Injectable()
export class EntraHealthIndicator {
  constructor(@Inject(CORE_GUARD) private readonly guard: Guard) {}

  /** @param indicator terminus 11 and 12: `HealthIndicatorService.check('entra')` */
  isHealthy<Result>(indicator: TerminusIndicator<Result>): Promise<Result>;
  /**
   * @param key terminus 10: the name in the result
   * @throws ServiceUnavailableException (as a rejection) when down, which terminus 10 takes for a failed indicator
   */
  isHealthy(key: string): Promise<TerminusResult>;
  async isHealthy<Result>(indicator: TerminusIndicator<Result> | string): Promise<Result | TerminusResult> {
    const health = await this.guard.health();
    return typeof indicator === 'string' ? named(indicator, health) : told(indicator, health);
  }
}

function told<Result>(indicator: TerminusIndicator<Result>, { status, message }: Health): Result {
  if (status === 'down') return indicator.down({ message });
  if (status === 'degraded') {
    return indicator.degraded ? indicator.degraded({ message }) : indicator.up({ message });
  }
  return indicator.up();
}

function named(key: string, { status, message }: Health): TerminusResult {
  if (status === 'down') throw new Down({ [key]: { status, message } });
  return { [key]: { status: 'up', ...(status === 'degraded' ? { message } : {}) } };
}

/** What terminus 10 takes for a failed indicator; 503 wherever else it is thrown. */
class Down extends ServiceUnavailableException {
  readonly isHealthCheckError = true;
  readonly causes: TerminusResult;

  constructor(causes: TerminusResult) {
    super({ status: 'error', error: causes });
    this.causes = causes;
  }
}
