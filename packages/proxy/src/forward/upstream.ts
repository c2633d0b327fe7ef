import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';

/** How applications are reached. All times in milliseconds. */
export interface UpstreamSettings {
  /** How long a connection may take to open. */
  readonly connectMs: number;
  /** How long an answer may take to begin. */
  readonly headersMs: number;
  /** How long an answer may pause; 0 for no limit. */
  readonly idleMs: number;
  /** How many connections there are to one application. */
  readonly connections: number;
  /** Certificates of authorities, in PEM, in place of those that Node knows. */
  readonly ca: string | readonly string[] | undefined;
}

/** An application: where its requests go. Its certificate is verified by the name in its URL, whatever `Host` says. */
export class Upstream {
  readonly origin: URL;
  readonly settings: UpstreamSettings;
  readonly pool: Pool;
  /** For upgrades; `undefined` for one connection each. */
  readonly upgradeAgent: HttpsAgent | undefined;

  constructor(origin: string, settings: UpstreamSettings) {
    this.origin = new URL(origin);
    this.settings = settings;
    const ca =
      settings.ca === undefined
        ? {}
        : { ca: typeof settings.ca === 'string' ? settings.ca : [...settings.ca] };
    this.pool = new Pool(this.origin.origin, {
      connections: settings.connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: settings.headersMs,
      bodyTimeout: settings.idleMs,
      connect: connectorBy(this.verifiedName, { timeout: settings.connectMs, ...ca }),
    });
    this.upgradeAgent = this.isSecure ? new HttpsAgent({ ...ca, maxSockets: Infinity }) : undefined;
  }

  /** The name that the certificate has to have; empty for an address, which is verified itself. */
  get verifiedName(): string {
    const { hostname } = this.origin;
    return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '';
  }

  get isSecure(): boolean {
    return this.origin.protocol === 'https:';
  }

  /** Waits for running requests, and ends. */
  async close(): Promise<void> {
    this.upgradeAgent?.destroy();
    await this.pool.close();
  }

  /** Ends running requests as well. */
  async destroy(): Promise<void> {
    this.upgradeAgent?.destroy();
    await this.pool.destroy();
  }
}

/** Without it, undici verifies the name that the client's `Host` has. */
function connectorBy(servername: string, options: buildConnector.BuildOptions): buildConnector.connector {
  const connector = buildConnector(options);
  return (target, callback) => connector({ ...target, servername }, callback);
}
