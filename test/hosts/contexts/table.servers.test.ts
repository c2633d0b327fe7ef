import 'reflect-metadata';
import { it } from 'vitest';
import { describeContexts } from './describe-contexts.js';
import { events, microservice, serverCarrierNames, whyNot } from './hosts/microservices.js';

for (const name of serverCarrierNames) {
  const reason = await whyNot(name);
  if (reason !== undefined) it.skip(`microservice over ${name}: ${reason}`);
  else {
    describeContexts([
      [`microservice over ${name}`, microservice(name)],
      [`events over ${name}`, events(name)],
    ]);
  }
}
