import { z } from 'zod';

/** A context of a handler, of either line of the SDK. */
export interface Talk {
  readonly progressToken: string | number | undefined;
  notify(method: string, params: object): Promise<void>;
  log(text: string): Promise<void>;
  /** Asks the client on the stream of the call, which revision 2026-07-28 no longer has. */
  ask(method: string, params: object): Promise<unknown>;
  /** Ends the stream of the call: the client has to poll for the result. */
  endStream(): void;
}

/** Registers tools, prompts and resources: an `McpServer`, or the registrar of the gate. */
export interface Register {
  tool(name: string, config: object, handler: (...parts: never[]) => unknown): unknown;
  prompt(name: string, config: object, handler: (...parts: never[]) => unknown): unknown;
  resource(name: string, uri: never, config: object, handler: (...parts: never[]) => unknown): unknown;
}

/** What differs between the lines of the SDK. */
export interface Kit {
  /** A schema as the line takes it. */
  shape(members: z.core.$ZodLooseShape): unknown;
  /** A string that is completed with these values. */
  completed(values: readonly string[]): z.core.$ZodType;
  template(uri: string): unknown;
  talk(context: never): Talk;
}

const IMAGE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const SOUND = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

export const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const image = { type: 'image', data: IMAGE, mimeType: 'image/png' };
const embedded = (uri: string, mimeType = 'text/plain') => ({
  type: 'resource',
  resource: { uri, mimeType, text: 'An embedded resource.' },
});

/** Tools that answer without a word to the client. */
const RESULTS = {
  test_simple_text: text('This is a simple text response for testing.'),
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: 'audio', data: SOUND, mimeType: 'audio/wav' }] },
  test_embedded_resource: { content: [embedded('test://embedded-resource')] },
  test_multiple_content_types: {
    content: [...text('Several:').content, image, embedded('test://mixed-content-resource')],
  },
};

const described = (type: string, more: object) => ({ type, description: type, ...more });
const DEFAULTS = {
  name: described('string', { default: 'John Doe' }),
  age: described('integer', { default: 30 }),
  score: described('number', { default: 95.5 }),
  status: described('string', { enum: ['active', 'inactive', 'pending'], default: 'active' }),
  verified: described('boolean', { default: true }),
};
const options = ['option1', 'option2', 'option3'];
const titled = options.map((value, index) => ({ const: `value${index + 1}`, title: value }));
const ENUMS = {
  untitledSingle: described('string', { enum: options }),
  titledSingle: described('string', { oneOf: titled }),
  legacyEnum: described('string', { enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] }),
  untitledMulti: described('array', { minItems: 1, maxItems: 3, items: { type: 'string', enum: options } }),
  titledMulti: described('array', { minItems: 1, maxItems: 3, items: { anyOf: titled } }),
};

/** Tools that talk to the client before they answer. */
const TALKS: Readonly<Record<string, (talk: Talk) => Promise<object>>> = {
  async test_tool_with_logging(talk) {
    for (const step of ['started', 'processing', 'completed']) await talk.log(`Tool ${step}`);
    return text('logged');
  },
  async test_tool_with_progress(talk) {
    const { progressToken = 0 } = talk;
    for (const progress of [0, 50, 100]) {
      await talk.notify('notifications/progress', { progressToken, progress, total: 100 });
    }
    return text('done');
  },
  async test_error_handling() {
    throw new Error('This tool intentionally returns an error for testing');
  },
  async test_reconnection(talk) {
    talk.endStream();
    return text('reconnected');
  },
  test_elicitation_sep1034_defaults: (talk) => elicited(talk, 'Review the form.', DEFAULTS),
  test_elicitation_sep1330_enums: (talk) => elicited(talk, 'Select.', ENUMS),
};

async function elicited(talk: Talk, message: string, properties: object): Promise<object> {
  const answer = await talk.ask('elicitation/create', {
    message,
    requestedSchema: { type: 'object', properties, required: [] },
  });
  const { action, content } = answer as { readonly action?: string; readonly content?: object };
  return text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

export const TOOLS = [...Object.keys(RESULTS), ...Object.keys(TALKS), 'test_sampling', 'test_elicitation'];
export const PROMPTS = [
  'test_simple_prompt',
  'test_prompt_with_arguments',
  'test_prompt_with_embedded_resource',
  'test_prompt_with_image',
];
const TEMPLATE = 'test://template/{id}/data';
const WATCHED = 'test://watched-resource';
export const RESOURCES = ['test://static-text', 'test://static-binary', WATCHED, TEMPLATE];

/** Registers what the suite asks for by name. */
export function registerEverything(register: Register, kit: Kit): void {
  for (const [name, result] of Object.entries(RESULTS)) register.tool(name, about(name), () => result);
  for (const [name, run] of Object.entries(TALKS)) {
    register.tool(name, about(name), (context: never) => run(kit.talk(context)));
  }
  register.tool(
    'test_sampling',
    { ...about('test_sampling'), inputSchema: kit.shape({ prompt: z.string() }) },
    async ({ prompt }: { readonly prompt: string }, context: never) => {
      const message = { role: 'user', content: { type: 'text', text: prompt } };
      const answer = await kit
        .talk(context)
        .ask('sampling/createMessage', { messages: [message], maxTokens: 100 });
      return text(`LLM response: ${JSON.stringify(Object(answer).content)}`);
    },
  );
  register.tool(
    'test_elicitation',
    { ...about('test_elicitation'), inputSchema: kit.shape({ message: z.string() }) },
    ({ message }: { readonly message: string }, context: never) =>
      elicited(kit.talk(context), message, { response: described('string', {}) }),
  );

  const said = (...contents: object[]) => ({
    messages: contents.map((content) => ({ role: 'user', content })),
  });
  const words = (line: string) => ({ type: 'text', text: line });
  register.prompt('test_simple_prompt', about('simple'), () => said(words('A simple prompt.')));
  register.prompt(
    'test_prompt_with_arguments',
    {
      ...about('with arguments'),
      argsSchema: kit.shape({ arg1: kit.completed(['paris', 'park', 'party']), arg2: z.string() }),
    },
    ({ arg1, arg2 }: Readonly<Record<string, string>>) => said(words(`arg1='${arg1}', arg2='${arg2}'`)),
  );
  register.prompt(
    'test_prompt_with_embedded_resource',
    { ...about('embedded'), argsSchema: kit.shape({ resourceUri: z.string() }) },
    ({ resourceUri }: Readonly<Record<string, string>>) =>
      said(embedded(String(resourceUri)), words('Process the resource.')),
  );
  register.prompt('test_prompt_with_image', about('image'), () => said(image, words('Analyse the image.')));

  const plain = (uri: URL) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'A text.' }] });
  register.resource('static-text', 'test://static-text' as never, of('text/plain'), plain);
  register.resource('static-binary', 'test://static-binary' as never, of('image/png'), (uri: URL) => ({
    contents: [{ uri: uri.href, mimeType: 'image/png', blob: IMAGE }],
  }));
  register.resource('watched', WATCHED as never, of('text/plain'), plain);
  register.resource(
    'template',
    kit.template(TEMPLATE) as never,
    of('application/json'),
    (uri: URL, { id }: Readonly<Record<string, string>>) => ({
      contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id }) }],
    }),
  );
}

function about(name: string): { readonly description: string } {
  return { description: `For the conformance suite: ${name}.` };
}

function of(mimeType: string) {
  return { title: mimeType, description: 'For the conformance suite.', mimeType };
}
