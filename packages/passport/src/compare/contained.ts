/**
 * Runs foreign code, and catches what it throws now or later in a callback, so that the process does not end.
 * passport-azure-ad throws in its own callbacks when metadata is not JSON. Only a domain (`node:domain`) catches that.
 * The module is loaded only here, and not used where the process excludes it.
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
    // Domains can't be used together with process.setUncaughtExceptionCaptureCallback().
    return undefined;
  }
}
