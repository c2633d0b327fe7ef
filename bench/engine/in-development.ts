/**
 * Builds a guard as in development: its authority is on this machine, which is refused in production. An option would do
 * as well, but earlier builds do not know it.
 */
export async function inDevelopment<T>(build: () => T | Promise<T>): Promise<T> {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = 'development';
  try {
    return await build();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
