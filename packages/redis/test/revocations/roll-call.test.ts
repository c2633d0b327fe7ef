import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/connection.js';
import { keysOf } from '../../src/log/keys.js';
import { answerIfLonger, questionText, readAnswer, readQuestion } from '../../src/revocations/roll-call.js';
import { WRITER } from '../../src/revocations/writer.js';

const id = '33333333-3333-4333-8333-333333333333';
const keys = keysOf('test');

function answering(question: string, longestToken: number, send: Client['send']) {
  answerIfLonger({ send } as Client, keys, question, longestToken);
}

describe('the question who needs a longer token', () => {
  it('is answered by a process that was started with more, and by no other', () => {
    const question = questionText({ id, longestToken: 7200 }, 'a test');
    const sent: (readonly string[])[] = [];
    const send: Client['send'] = async (command) => void sent.push(command);
    for (const longestToken of [3600, 7200, 7201]) answering(question, longestToken, send);
    expect(sent).toHaveLength(1);
    const [command, log, any, field, text = ''] = sent[0] ?? [];
    expect([command, log, any, field]).toEqual(['XADD', keys.log, '*', 'answer']);
    expect(readAnswer(text)).toEqual({
      to: id,
      writer: WRITER,
      host: hostname(),
      pid: process.pid,
      longestToken: 7201,
    });
  });

  it('is left alone by a user who may not write', async () => {
    const refused = Promise.reject(new Error('NOPERM'));
    expect(() => answering(questionText({ id, longestToken: 1 }, 'a test'), 2, () => refused)).not.toThrow();
    await expect(refused).rejects.toThrow('NOPERM');
  });

  it.each([
    'nonsense',
    'null',
    '{}',
    `{"v":2,"id":"${id}","s":5}`,
    '{"v":1,"id":"x","s":5}',
    `{"v":1,"id":"${id}","s":0}`,
    `{"v":1,"id":"${id}","s":"5"}`,
    `{"v":1,"w":"a","to":"${id}","h":"b","p":"c","s":5}`,
  ])('is not taken from another form: %s', (text) => {
    expect([readQuestion(text), readAnswer(text)]).toEqual([undefined, undefined]);
  });
});
