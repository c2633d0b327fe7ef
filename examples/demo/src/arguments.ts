import { parseArgs } from 'node:util';
import type { Ports } from './stage.js';

/** The parsed arguments of the demo. */
export interface Arguments {
  readonly help: boolean;
  readonly serve: boolean;
  readonly ports: Ports;
}

/** Thrown for an invalid argument. */
export class UsageError extends Error {}

export const usage = `Usage: npx --yes pnpm@10.34.9 demo [--serve] [--port <number>]

Starts a local Entra and the orders API twice, on Express and on NestJS, and shows who gets what from it.

  --serve          keep everything running, and print curl lines to paste; Ctrl-C ends it
  --port <number>  the local Entra's port; the APIs use the next two.
                   Default: DEMO_PORT, else 8400 with --serve and any free ports without
  --help           this

NO_COLOR=1 takes the colours away.`;

const highest = 65_533;

/**
 * Parses the arguments.
 *
 * @throws UsageError
 */
export function readArguments(given: readonly string[]): Arguments {
  const { help, serve, port = process.env.DEMO_PORT } = parsed(given);
  const first = port === undefined || port === '' ? (serve ? 8400 : 0) : Number(port);
  if (!Number.isInteger(first) || first < 0 || first > highest) {
    throw new UsageError(`'${port}' is not a port: use an integer from 0 to ${highest}.`);
  }
  const ports = first === 0 ? { entra: 0, express: 0, nest: 0 } : portsFrom(first);
  return { help, serve, ports };
}

function portsFrom(first: number): Ports {
  return { entra: first, express: first + 1, nest: first + 2 };
}

function parsed(given: readonly string[]) {
  try {
    const { values } = parseArgs({
      // "pnpm demo -- --serve" passes on the "--" too.
      args: given.filter((argument) => argument !== '--'),
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        serve: { type: 'boolean', default: false },
        port: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
