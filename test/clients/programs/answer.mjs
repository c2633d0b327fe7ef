/** Waits for the settings, runs, and sends back what came of it. Tokens are never printed. */
export function answer(run) {
  process.once('message', async (settings) => {
    try {
      process.send({ result: await run(settings) }, () => process.disconnect());
    } catch (error) {
      process.send({ error: `${error.name}: ${error.message}` }, () => process.disconnect());
    }
  });
}
