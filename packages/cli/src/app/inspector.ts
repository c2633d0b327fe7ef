// Runs in a process of its own: see load-app.ts.
import { BadInputError } from '../bad-input.js';
import { answerTo } from './inspect-app.js';
import type { InspectionAnswer, InspectionRequest } from './inspected-app.js';
import { reasonOf } from './reason-of.js';

const exit = process.exit.bind(process);
const send = process.send?.bind(process);

function answer(given: InspectionAnswer): void {
  send?.(given, () => exit(0));
}

process.on('uncaughtException', (error) => {
  const { message, hint } = new BadInputError(
    `The application failed while it was loaded: ${reasonOf(error)}`,
    'It has to load without its database and secrets. Export a function that makes the application, so that nothing is connected before it is called.',
  );
  answer({ problem: { message, hint } });
});
process.once('message', (request: InspectionRequest) => {
  void answerTo(request).then(answer);
});
