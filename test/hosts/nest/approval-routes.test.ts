import 'reflect-metadata';
import {
  allOf,
  approval,
  type ConfigurationError,
  EntraGuardModule,
  type ExposedHandler,
  handlersIn,
  memoryApprovals,
  Require,
  scopes,
  whenAgent,
} from '@entra-guard/nestjs';
import { type ApprovalRequestOptions, EntraApprovalsModule } from '@entra-guard/nestjs/approvals';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import {
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Injectable,
  Module,
  type NestInterceptor,
  Post,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../support/contoso.js';
import { adapterOf, ask, bootFailure, moduleOf, type Platform, platforms, serve } from './platforms.js';

const decide = scopes('Approvals.Decide');
const options: ApprovalRequestOptions = { origin: 'https://orders.contoso.com', allow: decide };
const release = approval('payments.release', {
  of: (request: { readonly body: { readonly amount: number } }) => ({ amount: request.body.amount }),
});

@Controller('payments')
class PaymentsController {
  @Post() @Require(allOf(scopes('Payments.Write'), whenAgent(release))) pay() {
    return { released: true };
  }
}

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch() {
    return { teapot: true };
  }
}

@Injectable()
class ReplacingInterceptor implements NestInterceptor {
  intercept() {
    return of({ replaced: true });
  }
}

const odd = [
  { provide: APP_FILTER, useClass: TeapotFilter },
  { provide: APP_INTERCEPTOR, useClass: ReplacingInterceptor },
];

/** A token of a person who is known to be without an agent. */
const person = (entra: LocalEntra, name: string, scp = 'Approvals.Decide') =>
  entra.user(name, { scp, xms_act_fct: '1', xms_sub_fct: '1' });

async function start(platform: Platform, module: DynamicModule, providers: typeof odd | [] = []) {
  const entra = await startEntra({ port: 0 });
  onTestFinished(() => entra.close());
  const imports = [
    EntraGuardModule.forRoot({ ...entra.options(), log: false, approvals: memoryApprovals() }),
    module,
  ];
  const { origin, app } = await serve(
    platform,
    { imports, providers, controllers: [PaymentsController] },
    (before) => void before.setGlobalPrefix('api'),
  );
  return { entra, app, api: `${origin}/api` };
}

/** An agent asks for an approval. @returns its ID */
async function asked({ entra, api }: { readonly entra: LocalEntra; readonly api: string }) {
  const { headers } = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Payments.Write' });
  const answer = await ask(`${api}/payments`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"amount":120}',
  });
  return answer as {
    readonly status: number;
    readonly body: { readonly approval?: { readonly id: string; readonly url: string } };
  };
}

describe.each(platforms)('the routes of approvals, on %s', (platform) => {
  it.each<[string, DynamicModule]>([
    ['forRoot', EntraApprovalsModule.forRoot(options)],
    ['forRootAsync', EntraApprovalsModule.forRootAsync({ useFactory: async () => options })],
  ])('show a request to the person acted for, and take her decision: %s', async (_, module) => {
    const server = await start(platform, module);
    const { entra, api, app } = server;
    const { id = '', url } = (await asked(server)).body.approval ?? {};
    expect(url).toBe(`https://orders.contoso.com/approvals/${id}`);
    expect(app.get(EntraApprovalsModule).approveUrl(id)).toBe(url);
    const ada = person(entra, 'ada').headers;
    const shown = await ask(`${api}/approvals/${id}`, { headers: ada });
    expect(shown).toMatchObject({ status: 200, body: { id, of: { amount: 120 }, state: 'pending' } });
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(await ask(`${api}/approvals/${id}/approve`, { method: 'POST', headers: ada })).toMatchObject({
      status: 200,
      body: { state: 'approved' },
    });
  });

  it('refuse agents, other people, other clients and callers without a token, whatever filters make of errors', async () => {
    const server = await start(platform, EntraApprovalsModule.forRoot(options), odd);
    const { entra, api } = server;
    const path = `${api}/approvals/x1/approve`;
    const helper = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Approvals.Decide' });
    const statusFor = async (headers: Record<string, string>, method = 'POST') =>
      (await ask(path, { method, headers })).status;
    expect(await statusFor({})).toBe(401);
    expect(await statusFor(helper.headers)).toBe(403);
    expect(await statusFor(person(entra, 'ada', 'Payments.Write').headers)).toBe(403);
    expect(await statusFor(person(entra, 'bob').headers)).toBe(404);
    expect(await statusFor(person(entra, 'ada').headers, 'GET')).toBe(405);
  });
});

it.each<[string, object, unknown, string]>([
  ['a guard without approvals', {}, options, 'without the setting approvals'],
  [
    'an origin with a path',
    { approvals: memoryApprovals() },
    { origin: 'https://x.contoso.com/p' },
    'origin of the routes of approvals',
  ],
  [
    'an unknown option',
    { approvals: memoryApprovals() },
    { ...options, alow: decide },
    "Did you mean 'allow'",
  ],
])('the application does not start with %s', async (_, settings, given, sentence) => {
  const failure = await bootFailure({
    imports: [
      EntraGuardModule.forRoot({ ...contoso(), log: false, ...settings }),
      EntraApprovalsModule.forRoot(given as ApprovalRequestOptions),
    ],
  });
  expect((failure as ConfigurationError).message).toContain(sentence);
});

it('the application does not start without EntraGuardModule', async () => {
  const failure = await bootFailure({ imports: [EntraApprovalsModule.forRoot(options)] });
  expect((failure as ConfigurationError).message).toContain('an application without EntraGuardModule');
});

it.each<[unknown, string]>([
  [undefined, 'EntraApprovalsModule was given undefined instead of options'],
  [[], 'EntraApprovalsModule was given a list instead of options'],
])('forRoot refuses %j', (given, sentence) => {
  expect(() => EntraApprovalsModule.forRoot(given as ApprovalRequestOptions)).toThrow(sentence);
});

it.each<[object, string]>([
  [{}, 'was given none of useFactory'],
  [{ useFactory: () => options, useExisting: 'x' }, 'was given more than one of useFactory'],
  [{ origin: 'https://orders.contoso.com' }, "has no option called 'origin'"],
])('forRootAsync refuses %j', (given, sentence) => {
  expect(() => EntraApprovalsModule.forRootAsync(given)).toThrow(sentence);
});

it.each([true, false])('inventories list the routes, in a preview: %o', async (preview) => {
  @Module({
    imports: [
      EntraGuardModule.forRoot({ ...contoso(), approvals: memoryApprovals() }),
      EntraApprovalsModule.forRoot(options),
    ],
  })
  class AppModule {}
  const app = await NestFactory.create(moduleOf({ imports: [AppModule] }), adapterOf('express'), {
    logger: false,
    preview,
  });
  onTestFinished(() => app.close());
  const handlers: readonly ExposedHandler[] = handlersIn(app);
  expect(handlers.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /approvals/:id',
    'POST /approvals/:id/approve',
    'POST /approvals/:id/deny',
  ]);
  for (const { access } of handlers)
    expect(access.kind === 'requirement' && String(access.requirement)).toContain(
      "scopes('Approvals.Decide')",
    );
});
