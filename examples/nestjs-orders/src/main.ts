import { optionsFromEnv } from '@entra-guard/nestjs';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule.with(optionsFromEnv()));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
