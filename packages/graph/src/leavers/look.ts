import type { GraphApi } from '../graph/graph-api.js';
import { readUser, type UserState } from '../graph/user.js';
import type { OwnRecords } from './own-records.js';
import type { SignIns } from './sign-ins.js';

/** What the delta query has said about a user, which is enough to refuse, and never enough to let in. */
export type Told = 'removed' | 'disabled';

const DISABLED = 'Microsoft Graph: the account is disabled';
const GONE = 'Microsoft Graph: the user was deleted';
/** How often it is looked whether a deleted user was restored, in milliseconds: Graph may not tell that. */
const RESTORED = 3_600_000;

/** Looks at one user, and turns what Microsoft Graph says into records. */
export class Look {
  readonly #api: GraphApi;
  readonly #records: OwnRecords;
  readonly #signIns: SignIns;
  readonly #now: () => number;

  constructor(api: GraphApi, records: OwnRecords, signIns: SignIns, now: () => number) {
    this.#api = api;
    this.#records = records;
    this.#signIns = signIns;
    this.#now = now;
  }

  /**
   * Looks at a user.
   *
   * @param user object ID in lower case
   * @returns after how many milliseconds to look again; `undefined` for not without a reason
   * @throws GraphFailure if Graph does not say how things are; nothing was lifted then
   */
  async at(user: string, told: Told | undefined): Promise<number | undefined> {
    // Only what was set before Graph was asked may be lifted by its answer.
    const bans = this.#records.bansOf(user);
    const state = await this.#stateOf(user, told);
    if (state.kind === 'gone') return this.#gone(user);
    if (state.kind === 'disabled') {
      await this.#records.ban(user, DISABLED, this.#now() + this.#records.life);
      return this.#records.life / 2;
    }
    await this.#records.lift(bans, 'Microsoft Graph: the account is enabled');
    await this.#cutOff(user, state);
    return undefined;
  }

  async #stateOf(user: string, told: Told | undefined): Promise<UserState> {
    try {
      return await readUser(this.#api, user);
    } catch (reason) {
      if (told !== undefined) {
        const until = this.#now() + this.#records.life;
        await this.#records.ban(user, told === 'removed' ? GONE : DISABLED, until);
      }
      throw reason;
    }
  }

  /** A user who stays deleted is not banned for ever: when the ban ends, no token from before can be valid. */
  async #gone(user: string): Promise<number | undefined> {
    const now = this.#now();
    const [ban] = this.#records.bansOf(user);
    const until = Math.max((ban?.at ?? now) + this.#records.life, ban?.until ?? 0);
    await this.#records.ban(user, GONE, until);
    return until - now > RESTORED ? RESTORED : undefined;
  }

  async #cutOff(user: string, { validFrom, createdAt }: UserState & { kind: 'enabled' }): Promise<void> {
    if (validFrom === undefined || !(await this.#signIns.isNews(user, validFrom))) return;
    const seen = await this.#signIns.seen(user);
    // Entra sets it when a user is created. There are no tokens from before that.
    const isCreation = seen === undefined && createdAt !== undefined && validFrom <= createdAt;
    if (!isCreation) {
      await this.#records.cutOff(user, validFrom, 'Microsoft Graph: sign-in sessions were revoked');
    }
    await this.#signIns.remember(user, validFrom);
  }
}
