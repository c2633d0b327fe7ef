import { fileURLToPath } from 'node:url';
import {
  EntraGuardModule,
  type EntraGuardModuleOptions,
  OpenRights,
  RequireScopes,
} from '@entra-guard/nestjs';
import { microserviceContext } from '@entra-guard/nestjs/microservices';
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
import { firstValueFrom, map, type Observable, Subject } from 'rxjs';
import { freePort } from '../../../../scripts/free-port.mjs';
import { moduleOf } from '../../nest/platforms.js';
import { goesThrough, type Held, type LastingHost, type LastingWorld, wireTo } from './lasting.js';

interface Word {
  readonly text: string;
}
interface Stream {
  on(event: string, listener: (value: never) => void): unknown;
  write(message: Word): unknown;
  end(): unknown;
  cancel(): void;
}
type Callback = (error: unknown, answer?: Word) => void;
type Method = (...args: unknown[]) => Stream;

/** Each form of a call, and in which directions it lasts. */
export const grpcForms = {
  Unary: { asks: false, pushes: false },
  Pushed: { asks: false, pushes: true },
  Gathered: { asks: true, pushes: false },
  GatheredCall: { asks: true, pushes: false },
  Both: { asks: true, pushes: true },
  BothCall: { asks: true, pushes: true },
} as const;
export type GrpcForm = keyof typeof grpcForms;

function controllerOf({ pushes, received }: LastingWorld) {
  @Controller()
  @RequireScopes('Read')
  class LastingController {
    @GrpcMethod('Lasting', 'Unary') unary(): Promise<Word> {
      return firstValueFrom(pushes.pipe(map((text) => ({ text }))));
    }
    @GrpcMethod('Lasting', 'Pushed') pushed(): Observable<Word> {
      return pushes.pipe(map((text) => ({ text })));
    }
    // As NestJS's own page has it: nothing is said about errors of the messages.
    @GrpcStreamMethod('Lasting', 'Both') both(messages: Observable<Word>): Observable<Word> {
      const subject = new Subject<Word>();
      messages.subscribe({ next: (word) => subject.next(word), complete: () => subject.complete() });
      return subject.asObservable();
    }
    @GrpcStreamMethod('Lasting', 'Gathered') gathered(messages: Observable<Word>): Observable<Word> {
      const subject = new Subject<Word>();
      messages.subscribe({
        next: ({ text }) => void received.push(text),
        complete: () => {
          subject.next({ text: 'all' });
          subject.complete();
        },
      });
      return subject.asObservable();
    }
    @GrpcStreamCall('Lasting', 'BothCall') bothCall(stream: Stream): void {
      stream.on('data', (word: Word) => void stream.write(word));
      stream.on('end', () => stream.end());
    }
    @GrpcStreamCall('Lasting', 'GatheredCall') gatheredCall(stream: Stream, answer: Callback): void {
      stream.on('data', ({ text }: Word) => void received.push(text));
      stream.on('end', () => answer(null, { text: 'all' }));
    }
  }
  return LastingController;
}

export function lastingGrpc(form: GrpcForm) {
  return async (options: EntraGuardModuleOptions, world: LastingWorld): Promise<LastingHost> => {
    const port = await freePort();
    const optionsAt = (at: number): GrpcOptions => ({
      transport: Transport.GRPC,
      options: {
        url: `127.0.0.1:${at}`,
        package: 'lasting',
        protoPath: fileURLToPath(new URL('../protos/lasting.proto', import.meta.url)),
      },
    });
    const imports = [EntraGuardModule.forRoot({ ...options, contexts: [microserviceContext()] })];
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      moduleOf({ imports, controllers: [controllerOf(world)] }),
      { ...optionsAt(port), logger: false, abortOnError: false },
    );
    await app.listen();
    const clients: { close(): unknown }[] = [];
    return {
      rights: app.get(OpenRights),
      close: async () => {
        for (const client of clients) await client.close();
        await app.close();
      },
      hold: async (authorization) => {
        const wire = await wireTo(port);
        const client = ClientProxyFactory.create(optionsAt(wire.port)) as unknown as ClientGrpc & {
          close(): unknown;
        };
        clients.push(client, { close: wire.cut });
        const service = client.getClientByServiceName<Record<string, Method>>('Lasting');
        const metadata = new Metadata();
        metadata.set('authorization', authorization);
        return held(form, service, metadata, world, wire.cut);
      },
    };
  };
}

function held(
  form: GrpcForm,
  service: Record<string, Method>,
  metadata: Metadata,
  { pushes, received }: LastingWorld,
  disconnect: () => void,
): Held {
  const { asks, pushes: answers } = grpcForms[form];
  const heard: string[] = [];
  const method = service[form] as Method;
  let stream: Stream | undefined;
  const ended = new Promise<unknown>((resolve) => {
    const settle = (error: unknown, answer?: Word) => {
      if (answer !== undefined) heard.push(answer.text);
      resolve(error ?? answer);
    };
    const args = [...(asks ? [] : [{ text: '' }]), metadata, ...(answers ? [] : [settle])];
    stream = Reflect.apply(method, service, args) as Stream;
    if (!answers) return;
    stream.on('data', ({ text }: Word) => heard.push(text));
    stream.on('error', resolve);
    stream.on('end', () => resolve('ended'));
  });
  const call = stream as unknown as Stream;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  return {
    ended,
    disconnect,
    cancel: () => call.cancel(),
    alive: async () => {
      if (asks) return goesThrough((text) => call.write({ text }), answers ? heard : received);
      if (answers) return goesThrough((text) => pushes.next(text), heard);
      // It is answered once, and then it is over.
      if (isOver) throw new Error('The call is over.');
    },
  };
}
