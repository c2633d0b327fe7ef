// A bundle in which one part imports the guard and another requires it has one copy of it: with two, a handler of one part
// would not know whom the guard of the other has let in.
import * as core from '@entra-guard/core';
import * as express from '@entra-guard/express';
import required from './required.cjs';

for (const [name, imported] of Object.entries({ core, express })) {
  const members = Object.keys(imported);
  if (members.length === 0) throw new Error(`${name} exports nothing.`);
  const other = members.filter((member) => required[name][member] !== imported[member]);
  if (other.length > 0) throw new Error(`There are two copies of ${name}: ${other.join(', ')}.`);
}
