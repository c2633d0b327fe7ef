import 'reflect-metadata';
import { EntraGuardModule, EntraHealthIndicator, Public, type ValidatorOptions } from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, Inject, Optional } from '@nestjs/common';
import * as terminus from '@nestjs/terminus';
import { beforeEach, describe, expect, it } from 'vitest';
import { platforms, serve } from './platforms.js';

const { HealthCheck, HealthCheckService, TerminusModule } = terminus;
const major = Number(process.env.NEST_MAJOR);
/** From terminus 11 on; a name that terminus 10 provides nothing under. */
const Indicators =
  'HealthIndicatorService' in terminus ? terminus.HealthIndicatorService : Symbol('no such service');

@Controller()
class ProbeController {
  constructor(
    @Inject(HealthCheckService) private readonly health: terminus.HealthCheckService,
    @Inject(EntraHealthIndicator) private readonly entra: EntraHealthIndicator,
    @Optional() @Inject(Indicators) private readonly indicators?: terminus.HealthIndicatorService,
  ) {}

  @Get('ready')
  @Public('the platform asks')
  @HealthCheck()
  ready(): unknown {
    const { indicators } = this;
    return this.health.check([
      async () =>
        indicators ? this.entra.isHealthy(indicators.check('entra')) : this.entra.isHealthy('entra'),
    ]);
  }

  @Get('named')
  @Public('the platform asks')
  @HealthCheck()
  named(): unknown {
    return this.health.check([() => this.entra.isHealthy('entra')]);
  }
}

let entra: InProcessEntra;
let now: number;
let options: ValidatorOptions;
beforeEach(async () => {
  entra = await startEntra();
  now = Date.now();
  options = { ...entra.options(), now: () => now, log: false };
});

describe.each(platforms)('@nestjs/terminus on %s', (platform) => {
  async function probe(path = 'ready'): Promise<{ status: number; body: Record<string, unknown> }> {
    const { origin } = await serve(platform, {
      imports: [EntraGuardModule.forRoot(options), TerminusModule.forRoot({ logger: false })],
      controllers: [ProbeController],
    });
    return ask(origin, path);
  }
  async function ask(origin: string, path: string) {
    const response = await fetch(`${origin}/${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('is up when keys are there', async () => {
    expect(await probe()).toMatchObject({
      status: 200,
      body: { status: 'ok', details: { entra: { status: 'up' } } },
    });
  });

  it('is degraded before it is down', async () => {
    const { origin } = await serve(platform, {
      imports: [EntraGuardModule.forRoot(options), TerminusModule.forRoot({ logger: false })],
      controllers: [ProbeController],
    });
    await ask(origin, 'ready');
    entra.fail('metadata', 503);
    entra.fail('keys', 503);
    now += 3_600_000;
    await ask(origin, 'ready');
    await expect.poll(async () => JSON.stringify(await ask(origin, 'ready'))).toContain("can't be refreshed");
    const { status, body } = await ask(origin, 'ready');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: major === 12 ? 'degraded' : 'ok',
      details: {
        entra: {
          status: major === 12 ? 'degraded' : 'up',
          message: expect.stringContaining('trusted until'),
        },
      },
    });
    expect(JSON.stringify(await ask(origin, 'named'))).toContain('trusted until');
    now += 82_800_000;
    expect(await ask(origin, 'ready')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { entra: { status: 'down' } } },
    });
  });

  it.each(['ready', 'named'])('/%s is 503 when keys can not be had, and says why', async (path) => {
    entra.fail('metadata', 503);
    const message = "Signing keys can't be read, and none are loaded.";
    expect(await probe(path)).toMatchObject({
      status: 503,
      body: { status: 'error', error: { entra: { status: 'down', message } } },
    });
  });
});
