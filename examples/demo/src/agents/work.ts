import { type DecisionEvent, onEvent } from '@entra-guard/express';
import { type Connection, connectWith, Editor, signInAndConnect } from './editor.js';
import { type AgentsStage, setAgentsStage } from './stage.js';

/** One thing that was asked of the MCP server, and what came of it. */
export interface Asked {
  readonly who: string;
  readonly asked: string;
  readonly answer: string;
  readonly asExpected: boolean;
}

/** One line of the audit trail. */
export interface Trail {
  readonly tool: string;
  readonly outcome: string;
  readonly user: string;
  readonly actor: string;
  /** The digest of the arguments, shortened; the arguments are not kept. */
  readonly arguments: string;
  readonly approval: string;
}

/** What people and their agents did with the MCP server. */
export interface Work {
  readonly asked: readonly Asked[];
  readonly trail: readonly Trail[];
}

const PAYMENT = { id: 2, amount: 480 };

/** Has Ada work in an editor, and an agent work for her. */
export async function work(): Promise<Work> {
  const stage = await setAgentsStage();
  const { entra, resource } = stage;
  const asked: Asked[] = [];
  const events: DecisionEvent[] = [];
  const stop = onEvent((event) => void (event.tool === undefined || events.push(event)), {
    types: ['decision'],
  });
  const note = (who: string, what: string, answer: string, expected: string | RegExp): void => {
    const asExpected = typeof expected === 'string' ? answer === expected : expected.test(answer);
    asked.push({ who, asked: what, answer, asExpected });
  };
  try {
    // A person in an editor: signs in when the server says so, and is asked for more when a tool needs it.
    const editor = new Editor(entra, 'ada');
    const ada = await signInAndConnect(resource, editor);
    note('ada', 'connect', `signs in for ${editor.askedFor}`, 'signs in for Orders.Read');
    note('ada', 'list the tools', await toolsOf(ada), 'orders.list, orders.create, orders.pay');
    note('ada', 'orders.list', await call(ada, 'orders.list'), 'done');
    const order = { item: 'biscuits', amount: 8 };
    const refused = await call(ada, 'orders.create', order);
    await ada.transport.finishAuth(await editor.signIn());
    note(
      'ada',
      'orders.create',
      `${refused}, signs in for ${editor.askedFor}`,
      /signs in for Orders.Read and Orders.Write$/,
    );
    note('ada', 'orders.create', await call(ada, 'orders.create', order), 'done');
    await ada.client.close();

    // An agent on her behalf: it reads, and pays only what she has looked at.
    const onBehalf = { onBehalfOf: 'ada', scp: 'Orders.Read Orders.Write', api: 'orders' } as const;
    const helper = await connectWith(resource, entra.agent('helper', onBehalf).token);
    const who = 'helper for ada';
    note(who, 'orders.list', await call(helper, 'orders.list'), 'done');
    note(who, 'orders.delete', await call(helper, 'orders.delete', { id: 1 }), 'there is no such tool');
    note(who, 'orders.pay', await call(helper, 'orders.pay', PAYMENT), 'asks for an approval');
    note('ada, on the page', 'approve', await approve(stage, helper), 'approved');
    note(who, 'orders.pay', await call(helper, 'orders.pay', PAYMENT), 'done');
    note(who, 'orders.pay', await call(helper, 'orders.pay', PAYMENT), 'asks for an approval');
    await helper.client.close();
    return { asked, trail: events.map((event) => lineOf(stage, event)) };
  } finally {
    stop();
    await stage.close();
  }
}

async function toolsOf({ client }: Connection): Promise<string> {
  return (await client.listTools()).tools.map(({ name }) => name).join(', ');
}

/** Calls a tool, and says in words what came of it. */
async function call(
  { client }: Connection,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  try {
    const { isError, content } = (await client.callTool({ name, arguments: args })) as {
      readonly isError?: boolean;
      readonly content: readonly { readonly text?: string }[];
    };
    if (isError !== true) return 'done';
    return linkIn(content[0]?.text) === undefined ? `refused: ${content[0]?.text}` : 'asks for an approval';
  } catch (error) {
    const { message } = error as Error;
    return /not found/.test(message) ? 'there is no such tool' : 'lacks a scope';
  }
}

const linkIn = (text = ''): string | undefined => /\/approvals\/([\w-]+)/.exec(text)?.[1];

/** Decides as Ada does on the page, with a token for its own scope. The page itself needs a browser. */
async function approve({ entra, resource }: AgentsStage, { client }: Connection): Promise<string> {
  const waiting = (await client.callTool({ name: 'orders.pay', arguments: PAYMENT })) as {
    readonly content: readonly { readonly text?: string }[];
  };
  const id = linkIn(waiting.content[0]?.text);
  const human = { xms_act_fct: '1', xms_sub_fct: '1' };
  const { token } = entra.user('ada', { api: 'orders', scp: 'Approvals.Decide', ...human });
  const answer = await fetch(new URL(`/api/approvals/${id}/approve`, resource), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { state, code } = (await answer.json()) as { readonly state?: string; readonly code?: string };
  return state ?? `${answer.status} ${code}`;
}

function lineOf({ entra }: AgentsStage, event: DecisionEvent): Trail {
  const { tool = '', outcome, code, who, delegation, argumentsDigest = '', approvalId = '' } = event;
  const isAda = who?.objectId === entra.objectIdOf('ada');
  const agent =
    delegation?.agent === undefined ? 'editor' : `helper, of blueprint ${delegation.blueprint?.slice(0, 8)}`;
  return {
    tool,
    outcome: code ?? outcome,
    user: isAda ? 'ada' : String(who?.objectId),
    actor: agent,
    arguments: argumentsDigest.slice(0, 8),
    approval: approvalId.slice(0, 8),
  };
}
