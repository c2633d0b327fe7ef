// Runs in a process of its own: see load-app.ts.
import { BadInputError } from '../bad-input.js';
import { answerTo } from './inspect-app.js';
import type { InspectionAnswer, InspectionRequest } from './inspected-app.js';
import { reasonOf } from './reason-of.js';

const exit = process.exit.bind(process);
const send = process.send?.bind(process);
let question = '';

function answer(given: InspectionAnswer): void {
  send?.({ question, answer: given }, () => exit(0));
}

process.on('uncaughtException', (error) => {
  const { message, hint } = new BadInputError(
    `The application failed while it was loaded: ${reasonOf(error)}`,
    'It has to load without its database and secrets. Export a function that makes the application, so that nothing is connected before it is called.',
  );
  answer({ problem: { message, hint } });
});
process.once('message', (request: InspectionRequest) => {
  ({ question } = request);
  hideTheChannel();
  void answerTo(request).then(answer);
});

/** Applications tell a process manager that they are ready, or hang up on it. There is none. */
function hideTheChannel(): void {
  process.send = undefined as never;
  process.disconnect = () => {};
}
