import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import {
  Auth,
  type AuthContext,
  allOf,
  check,
  EntraGuardModule,
  OpenRights,
  Require,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { type MicroserviceContextOptions, microserviceContext } from '@entra-guard/nestjs/microservices';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Metadata } from '@grpc/grpc-js';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientGrpc,
  ClientProxyFactory,
  GrpcMethod,
  type GrpcOptions,
  GrpcStreamCall,
  GrpcStreamMethod,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { type Observable, of, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { moduleOf } from '../nest/platforms.js';
import { quietOptions } from './host.js';

let entra: LocalEntra;
let reached: string[];
beforeEach(async () => {
  entra = await startEntra();
  reached = [];
});
afterEach(() => entra.close());

interface Stream {
  on(event: string, listener: (value: never) => void): unknown;
  write(message: object): unknown;
  end(): unknown;
}
type Callback = (error: unknown, answer: object) => void;

@Controller()
@RequireScopes('Read')
class StreamsController {
  @GrpcStreamMethod('Streams', 'Both') both(_questions: unknown) {
    reached.push('Both');
    return of({ gave: 'both' });
  }
  @GrpcStreamCall('Streams', 'Passed') passed(stream: Stream) {
    reached.push('Passed');
    stream.on('data', () => stream.write({ gave: 'passed' }));
    stream.on('end', () => stream.end());
  }
  @GrpcStreamCall('Streams', 'Once') once(stream: Stream, answer: Callback) {
    reached.push('Once');
    stream.on('data', () => {});
    stream.on('end', () => answer(null, { gave: 'once' }));
  }
  @GrpcMethod('Streams', 'Many') many(_question: unknown, @Auth() auth: AuthContext) {
    reached.push('Many');
    return of({ gave: auth.kind });
  }
}

interface Call extends Stream {
  on(event: string, listener: (value: never) => void): unknown;
}
type Method = (...args: unknown[]) => Call;

const broken = check('is broken', () => {
  throw new Error('a secret of the database');
});

async function start(...given: Parameters<typeof startWithRights>) {
  return (await startWithRights(...given)).service;
}

async function startWithRights(
  controller: new () => object = StreamsController,
  context: MicroserviceContextOptions = {},
  isRevoked = () => false,
) {
  const options: GrpcOptions = {
    transport: Transport.GRPC,
    options: {
      url: `127.0.0.1:${await freePort()}`,
      package: 'streams',
      protoPath: fileURLToPath(new URL('./protos/streams.proto', import.meta.url)),
    },
  };
  const imports = [
    EntraGuardModule.forRoot({ ...quietOptions(entra), isRevoked, contexts: [microserviceContext(context)] }),
  ];
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    moduleOf({ imports, controllers: [controller] }),
    { ...options, logger: false, abortOnError: false },
  );
  await app.listen();
  const client = ClientProxyFactory.create(options) as unknown as ClientGrpc & { close(): unknown };
  onTestFinished(async () => {
    await client.close();
    await app.close();
  });
  const service = client.getClientByServiceName<Record<string, Method>>('Streams');
  return { service, rights: app.get(OpenRights) };
}

/** What a caller gets: the last answer, or the status and the code of the refusal. */
function call(service: Record<string, Method>, name: string, authorization?: string): Promise<unknown> {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return new Promise((resolve) => {
    const refused = ({ code, metadata: trailing }: { code: number; metadata: Metadata }) =>
      resolve({ status: code, code: trailing.get('entra-guard-code')[0] });
    if (name === 'Many') return listen(service.Many?.({ text: 'x' }, metadata) as Call, refused, resolve);
    const stream =
      name === 'Once'
        ? (service.Once?.(metadata, (error: never, answer: unknown) =>
            error === null ? resolve(answer) : refused(error),
          ) as Call)
        : (service[name]?.(metadata) as Call);
    listen(stream, refused, name === 'Once' ? () => {} : resolve);
    stream.write({ text: 'x' });
    stream.end();
  });
}

function listen(stream: Call, refused: (error: never) => void, resolve: (answer: unknown) => void): void {
  let last: unknown;
  stream.on('data', (answer) => {
    last = answer;
  });
  stream.on('error', refused);
  stream.on('end', () => last !== undefined && resolve(last));
}

describe.each(['Both', 'Passed', 'Once', 'Many'])('the gRPC stream %s', (name) => {
  it.each([
    ['no token', () => undefined, 16, 'credentials_missing'],
    ['an expired one', () => entra.wrong.expired(), 16, 'token_expired'],
    ['the wrong scope', () => entra.user('ada', { scp: 'Other' }), 7, 'scope_missing'],
  ])('is refused with %s, and its handler not reached', async (_, token, status, code) => {
    // An unhandled rejection in here would fail the run: in production it ends the process.
    expect(await call(await start(), name, token()?.headers.authorization)).toEqual({ status, code });
    expect(reached).toEqual([]);
  });

  it('is answered with the right scope', async () => {
    const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
    expect(await call(await start(), name, authorization)).toMatchObject({ gave: expect.any(String) });
    expect(reached).toEqual([name]);
  });
});

describe('an open stream', () => {
  let pushes: Subject<{ gave: string }>;
  @Controller()
  @RequireScopes('Read')
  class PushingController {
    @GrpcMethod('Streams', 'Many') many() {
      return pushes;
    }
    @GrpcStreamMethod('Streams', 'Both') both(_questions: unknown) {
      return pushes;
    }
    @GrpcStreamCall('Streams', 'Passed') passed(stream: Stream) {
      pushes.subscribe((answer) => void stream.write(answer));
    }
  }

  it.each(['Many', 'Both', 'Passed'])('of %s ends when its token is revoked', async (name) => {
    pushes = new Subject();
    let revoked = false;
    const { service, rights } = await startWithRights(PushingController, {}, () => revoked);
    const metadata = new Metadata();
    metadata.set('authorization', entra.user('ada', { scp: 'Read' }).headers.authorization);
    const call = (name === 'Many' ? service.Many?.({}, metadata) : service[name]?.(metadata)) as Call;
    const heard: string[] = [];
    call.on('data', ({ gave }: { gave: string }) => heard.push(gave));
    const ended = new Promise<{ code: number; metadata: Metadata }>((resolve) => {
      call.on('error', resolve);
    });
    await vi.waitUntil(() => pushes.observed);
    pushes.next({ gave: 'first' });
    await vi.waitUntil(() => heard.length > 0);
    await rights.recheck();
    expect(rights.size).toBe(1);
    revoked = true;
    await rights.recheck();
    pushes.next({ gave: 'second' });
    const { code, metadata: trailing } = await ended;
    expect([code, trailing.get('entra-guard-code')]).toEqual([16, ['token_revoked']]);
    expect(heard).toEqual(['first']);
    expect(rights.size).toBe(0);
    if (name !== 'Passed') expect(pushes.observed).toBe(false);
  });

  it.each(['Both', 'Passed'])(
    'of %s takes no more messages then, also of a caller who does not read',
    async (name) => {
      const received: string[] = [];
      const much = { gave: 'x'.repeat(64 * 1024) };
      @Controller()
      @RequireScopes('Read')
      class FloodingController {
        @GrpcStreamMethod('Streams', 'Both') both(questions: Observable<{ text: string }>) {
          questions.subscribe(({ text }) => void received.push(text));
          return of(...Array.from({ length: 40 }, () => much));
        }
        @GrpcStreamCall('Streams', 'Passed') passed(stream: Stream) {
          stream.on('data', ({ text }: { text: string }) => void received.push(text));
          for (let index = 0; index < 40; index += 1) stream.write(much);
        }
      }
      let revoked = false;
      const { service, rights } = await startWithRights(FloodingController, {}, () => revoked);
      const metadata = new Metadata();
      metadata.set('authorization', entra.user('ada', { scp: 'Read' }).headers.authorization);
      const call = service[name]?.(metadata) as Call;
      call.on('error', () => {});
      call.write({ text: 'first' });
      await vi.waitUntil(() => received.includes('first'));
      revoked = true;
      await rights.recheck();
      call.write({ text: 'late' });
      revoked = false;
      // Over the same connection, so it arrives after what was sent before.
      const other = service[name]?.(metadata) as Call;
      other.on('error', () => {});
      other.write({ text: 'of another' });
      await vi.waitUntil(() => received.includes('of another'));
      expect(received).toEqual(['first', 'of another']);
    },
  );

  it('whose handler begins after that still ends', async () => {
    let begin: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    pushes = new Subject();
    @Controller()
    @RequireScopes('Read')
    class SlowController {
      @GrpcStreamMethod('Streams', 'Both') async both(questions: Observable<unknown>) {
        questions.subscribe(() => {});
        await begun;
        return pushes;
      }
    }
    let revoked = false;
    const { service, rights } = await startWithRights(SlowController, {}, () => revoked);
    const { authorization } = entra.user('ada', { scp: 'Read' }).headers;
    const metadata = new Metadata();
    metadata.set('authorization', authorization);
    const stream = service.Both?.(metadata) as Call;
    const answer = new Promise((resolve) => {
      stream.on('error', ({ code }: { code: number }) => resolve(code));
    });
    stream.on('data', () => reached.push('a push'));
    await vi.waitUntil(() => rights.size === 1);
    revoked = true;
    await rights.recheck();
    begin();
    expect(await answer).toBe(16);
    pushes.next({ gave: 'late' });
    expect(reached).toEqual([]);
    expect(rights.size).toBe(0);
  });

  it('ends as well where the library keeps its status elsewhere', async () => {
    @Controller()
    @RequireScopes('Read')
    class OtherLibraryController {
      @GrpcStreamCall('Streams', 'Passed') passed(stream: Stream & { pendingStatus?: unknown }) {
        stream.on('data', () => {});
        stream.on('error', (error: never) => reached.push(String(error)));
        delete stream.pendingStatus;
        reached.push('Passed');
      }
    }
    let revoked = false;
    const { service, rights } = await startWithRights(OtherLibraryController, {}, () => revoked);
    const asked = call(service, 'Passed', entra.user('ada', { scp: 'Read' }).headers.authorization);
    await vi.waitUntil(() => reached.includes('Passed'));
    revoked = true;
    await rights.recheck();
    expect(await asked).toEqual({ status: 16, code: 'token_revoked' });
    expect(reached).toEqual(['Passed', 'Error: cancelled']);
  });

  it('that has ended is forgotten', async () => {
    pushes = new Subject();
    const { service, rights } = await startWithRights(PushingController);
    const asked = call(service, 'Many', entra.user('ada', { scp: 'Read' }).headers.authorization);
    await vi.waitUntil(() => pushes.observed);
    expect(rights.size).toBe(1);
    pushes.next({ gave: 'all' });
    pushes.complete();
    expect(await asked).toEqual({ gave: 'all' });
    await vi.waitUntil(() => rights.size === 0);
    expect(rights.size).toBe(0);
  });
});

describe('an error that is not a refusal is internal, says nothing, and ends no process', () => {
  @Controller()
  class BrokenController {
    @GrpcStreamCall('Streams', 'Once') @Require(allOf(scopes('Read'), broken)) once(): void {
      reached.push('Once');
    }
  }
  const ada = () => entra.user('ada', { scp: 'Read' }).headers.authorization;

  it('of a check', async () => {
    const answer = await call(await start(BrokenController), 'Once', ada());
    expect(answer).toEqual({ status: 13, code: 'check_failed' });
    expect(reached).toEqual([]);
  });

  it('of what finds the token', async () => {
    const authorization = () => {
      throw new Error('a secret of the database');
    };
    const answer = await call(await start(BrokenController, { authorization }), 'Once', ada());
    expect(answer).toEqual({ status: 13, code: undefined });
    expect(reached).toEqual([]);
  });
});
