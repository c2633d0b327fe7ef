import { describe, expect, it } from 'vitest';
import { API, type Json } from '../../../../test/support/forger.js';
import { user } from '../callers.js';

const says = (actor?: boolean, subject?: boolean, blueprintId?: string) => ({ actor, subject, blueprintId });

describe('what a token says about AI agents (Entra: agent token claims)', () => {
  it.each<[string, Json, ReturnType<typeof says> | undefined]>([
    ['nothing', {}, undefined],
    ['an agent acts', { xms_act_fct: '11' }, says(true)],
    ['an agent acts, among facets that mean nothing to us', { xms_act_fct: '9 11 3' }, says(true)],
    ['an agent acts, with more blanks than needed', { xms_act_fct: ' 9  11 ' }, says(true)],
    ['no agent acts', { xms_act_fct: '1 3' }, says(false)],
    ["an agent's user account does not act as an agent", { xms_act_fct: '13' }, says(false)],
    ['the subject is an agent', { xms_sub_fct: '11' }, says(undefined, true)],
    ["the subject is an agent's user account", { xms_sub_fct: '13' }, says(undefined, true)],
    ['the subject is none', { xms_sub_fct: '1' }, says(undefined, false)],
    ['both', { xms_act_fct: '1', xms_sub_fct: '13' }, says(false, true)],
    ['the blueprint', { xms_par_app_azp: API.toUpperCase() }, says(true, undefined, API)],
    [
      'the blueprint, whatever the facets',
      { xms_act_fct: '1', xms_par_app_azp: API },
      says(true, undefined, API),
    ],
    ['an empty blueprint', { xms_par_app_azp: '' }, undefined],
  ])('%s', (_, claims, expected) => {
    expect(user(claims).agent).toEqual(expected);
  });

  // What can't be read says nothing: it is not taken for "no agent".
  it.each([
    ['empty', ''],
    ['blank', ' '],
    ['a word', 'eleven'],
    ['a number among words', '11 or 13'],
    ['a word that ends in a number', 'x11'],
    ['a number with something behind it', '11x'],
    ['negative', '-11'],
    ['separated otherwise', '11;13'],
    ['too long', '1234567890'],
  ])('facets that are %s say nothing', (_, facets) => {
    expect(user({ xms_act_fct: facets, xms_sub_fct: facets }).agent).toBeUndefined();
    expect(user({ xms_act_fct: facets, xms_sub_fct: '1' }).agent).toEqual(says(undefined, false));
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(user({ xms_act_fct: '1' }).agent)).toBe(true);
  });
});
