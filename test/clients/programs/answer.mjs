/**
 * Waits for the settings, runs, and sends back what came of it. Tokens are never printed.
 * @param stays whether the process goes on until its test ends it
 */
export function answer(run, { stays = false } = {}) {
  const end = () => stays || process.disconnect();
  process.once('message', async (settings) => {
    try {
      process.send({ result: await run(settings) }, end);
    } catch (error) {
      process.send({ error: `${error.name}: ${error.message}` }, () => process.disconnect());
    }
  });
}
