// What a NestJS snippet may leave out: `<!-- check: prelude=nestjs -->`.
import type { ValidatorOptions } from '@entra-guard/core';
import type { INestApplication } from '@nestjs/common';

declare global {
  const tenantId: string;
  const clientId: string;
  const options: ValidatorOptions;
  const app: INestApplication;
  class OrdersController {}
  class AppModule {}
  const swaggerClientId: string;
}
