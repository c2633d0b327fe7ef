/**
 * Runs foreign code so that whatever it throws, now or in a callback later, ends here and not in the process.
 * passport-azure-ad throws in callbacks of its own when metadata is no JSON, where nobody else could catch it: only a
 * domain (`node:domain`) can, which is loaded only for this, and not where the process has forbidden it.
 */
export function contained(run: () => unknown, onCrash: (error: unknown) => void): void {
  const guarded = (): void => {
    try {
      Promise.resolve(run()).catch(onCrash);
    } catch (error) {
      onCrash(error);
    }
  };
  const domain = createDomain();
  if (domain === undefined) guarded();
  else domain.on('error', onCrash).run(guarded);
}

function createDomain() {
  try {
    return process.getBuiltinModule('node:domain').create();
  } catch {
    // process.setUncaughtExceptionCaptureCallback() is in use: domains and it exclude each other.
    return undefined;
  }
}
