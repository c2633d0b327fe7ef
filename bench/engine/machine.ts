import { arch, cpus, platform } from 'node:os';

/** What the figures were taken on. Ratios hold elsewhere; absolute figures don't. */
export function machine(): readonly string[] {
  const models = cpus();
  return [
    `Node ${process.versions.node} (V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl})`,
    `${models.length} cores of ${models[0]?.model.trim() ?? 'unknown'}`,
    `${platform()} ${arch()}`,
  ];
}
