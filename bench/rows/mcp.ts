import type { ContenderName } from '../contenders/names.js';
import { aim } from '../engine/aim.js';
import { figures, ratio } from '../engine/ratios.js';
import { interleaved } from '../engine/rounds.js';
import type { Row } from '../engine/row.js';
import { startVerifiers } from '../engine/verifiers.js';

const CALLERS = 100;
const GATE = 'entra-guard (MCP gate)' as const;
const BEARER = 'MCP SDK + aws-jwt-verify' as const;

/** Calls of a tool, by callers who have called before. */
export const mcp: Row = {
  name: 'mcp',
  short: false,
  async run(bench) {
    const contenders: readonly ContenderName[] = [BEARER, GATE];
    const verifiers = await startVerifiers(bench, contenders, CALLERS);
    try {
      const { rounds, repeat } = bench.settings;
      const samples = await interleaved(contenders, rounds, (name) =>
        verifiers.again(name, { tokens: CALLERS, seconds: repeat }),
      );
      return [
        {
          row: 'mcp',
          title: 'MCP: a tool is called, repeated tokens',
          unit: 'calls/s',
          reference: BEARER,
          figures: figures(samples, BEARER),
          aims: [aim(`of ${BEARER}`, ratio(samples, GATE, BEARER), { atLeast: 2 })],
          notes: [
            `${CALLERS} tokens in turn, without HTTP, the body parsed. The gate decides about the tool; the SDK's middleware asks for one scope for all tools.`,
          ],
        },
      ];
    } finally {
      await verifiers.close();
    }
  },
};
