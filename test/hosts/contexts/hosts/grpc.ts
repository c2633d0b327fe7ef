import { fileURLToPath } from 'node:url';
import { EntraGuardModule } from '@entra-guard/nestjs';
import { microserviceContext } from '@entra-guard/nestjs/microservices';
import { Metadata } from '@grpc/grpc-js';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientGrpc,
  ClientProxyFactory,
  GrpcMethod,
  type GrpcOptions,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { freePort } from '../../../../scripts/free-port.mjs';
import { moduleOf } from '../../nest/platforms.js';
import { handlerClasses, whoIs } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';
import type { Outcome } from '../rows.js';

type Method = (question: object, metadata: Metadata) => Observable<{ gave: string }>;

/** gRPC, in this process over loopback. */
export const grpc: StartContext = async (entra) => {
  const controllers = [
    ...handlerClasses(
      (operation) => [GrpcMethod('Orders', methodOf(operation))],
      [Controller()],
      (_, auth) => ({ gave: whoIs(auth) }),
    ),
  ];
  const imports = [EntraGuardModule.forRoot({ ...quietOptions(entra), contexts: [microserviceContext()] })];
  const options: GrpcOptions = {
    transport: Transport.GRPC,
    options: {
      url: `127.0.0.1:${await freePort()}`,
      package: 'orders',
      protoPath: fileURLToPath(new URL('../protos/orders.proto', import.meta.url)),
    },
  };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(moduleOf({ imports, controllers }), {
    ...options,
    logger: false,
    abortOnError: false,
  });
  await app.listen();
  const client = ClientProxyFactory.create(options) as unknown as ClientGrpc & { close(): unknown };
  const service = client.getService<Record<string, Method>>('Orders');
  return {
    close: async () => {
      await client.close();
      await app.close();
    },
    call: (operation, authorization) => {
      const metadata = new Metadata();
      if (authorization !== undefined) metadata.set('authorization', authorization);
      const call = service[operation] as Method;
      return lastValueFrom(call({}, metadata)).then(
        ({ gave }): Outcome => ({ gave }),
        (refusal: { metadata: Metadata }): Outcome => ({
          code: String(refusal.metadata.get('entra-guard-code')[0]),
        }),
      );
    },
  };
};

function methodOf(operation: string): string {
  return operation.charAt(0).toUpperCase() + operation.slice(1);
}
