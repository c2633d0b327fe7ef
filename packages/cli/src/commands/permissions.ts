import type { Command } from 'commander';
import type { Perform } from '../session.js';
import { addPermissionsInit } from './permissions/init.js';

/** `entra-guard permissions`: what is done with a catalogue of permissions. */
export function addPermissions(program: Command, perform: Perform): void {
  const permissions = program
    .command('permissions')
    .description('Begin a catalogue of permissions.')
    .summary('begin a catalogue of permissions')
    .helpCommand(false);
  addPermissionsInit(permissions, perform);
}
