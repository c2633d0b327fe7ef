import type { InspectionAnswer } from './inspected-app.js';

type Shape = (value: unknown) => boolean;

/**
 * The answer in a message of the inspected process; `undefined` for any other message. The application runs there too, and
 * may send what it likes: what has another shape is not taken for an answer.
 */
export function answerIn(message: unknown, question: string): InspectionAnswer | undefined {
  if (!isRecord(message) || own(message, 'question') !== question) return undefined;
  const answer = own(message, 'answer');
  if (!isRecord(answer)) return undefined;
  const app = own(answer, 'app');
  const problem = own(answer, 'problem');
  if (problem !== undefined) return isProblem(problem) ? (answer as InspectionAnswer) : undefined;
  return isApp(app) ? (answer as InspectionAnswer) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const text: Shape = (value) => typeof value === 'string';
const optionalText: Shape = (value) => value === undefined || text(value);
const bool: Shape = (value) => typeof value === 'boolean';
const anything: Shape = isRecord;

const listOf =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);

const shaped =
  (members: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isRecord(value) && Object.entries(members).every(([name, shape]) => shape(own(value, name)));

const owner = shaped({ team: text, contact: optionalText, onCall: optionalText });
const permission = { value: text, title: text, description: text, because: text, id: text, enabled: bool };

const isProblem = shaped({ message: text, hint: text });

const isApp = shaped({
  framework: (value) => value === undefined || value === 'express' || value === 'nestjs',
  notes: listOf(text),
  manifests: listOf(anything),
  inventory: shaped({
    handlers: listOf(
      shaped({
        method: text,
        path: text,
        handler: optionalText,
        access: text,
        requirement: optionalText,
        permissions: listOf(shaped({ use: text, value: text })),
        reasons: listOf(text),
        owner: (value) => value === undefined || owner(value),
        note: optionalText,
      }),
    ),
    catalogues: listOf(
      shaped({
        api: text,
        owner,
        scopes: listOf(shaped({ ...permission, consent: text })),
        appRoles: listOf(shaped({ ...permission, for: listOf(text) })),
        preAuthorized: listOf(shaped({ clientId: text, scopes: listOf(text), because: text })),
      }),
    ),
    warnings: listOf(shaped({ code: text, subject: text, message: text, fix: text })),
  }),
});
