import { randomBytes, randomInt } from 'node:crypto';
import { BoundedMap } from '../bounded-map.js';
import type { Person } from '../directory/people.js';
import type { Tenant } from '../directory/tenants.js';

/** Seconds. */
export const DEVICE_CODE_LIFETIME = 900;

/** What a device asked for. */
export interface DeviceRequest {
  readonly clientId: string;
  readonly scope: string;
  readonly tenant: Tenant;
  readonly claims: string | undefined;
}

/** A request of a device that waits for its user. */
export interface PendingDevice extends DeviceRequest {
  readonly deviceCode: string;
  /** Nine letters and digits that can't be confused. */
  readonly userCode: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Who approved it; `undefined` while it waits. */
  approval: Approval | undefined;
  /** Whether the user refused it. */
  declined: boolean;
  /** A code can be used once. */
  redeemed: boolean;
}

/** Who approved a device, and when. */
export interface Approval {
  readonly person: Person;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Authentication contexts that the sign-in reached. Default: all that are asked for. */
  readonly contexts?: ReadonlySet<string>;
  /** The device's `claims`, with what policies demanded. Default: the device's. */
  readonly claims?: string | undefined;
}

/** Limit, because any page can ask for codes. */
const most = 1000;

/** Letters and digits of user codes, as Entra's: without 0, 1, I and O. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Device codes of one local Entra (RFC 8628). New ones evict those that were used least recently. */
export class DeviceCodes {
  readonly #pending = new BoundedMap<string, PendingDevice>(most);
  readonly #byUserCode = new BoundedMap<string, PendingDevice>(most);

  add(request: DeviceRequest, now: number): PendingDevice {
    const pending: PendingDevice = {
      ...request,
      deviceCode: `1.local-device.${randomBytes(32).toString('base64url')}`,
      userCode: Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join(''),
      expiresAt: now + DEVICE_CODE_LIFETIME * 1000,
      approval: undefined,
      declined: false,
      redeemed: false,
    };
    this.#pending.set(pending.deviceCode, pending);
    this.#byUserCode.set(pending.userCode, pending);
    return pending;
  }

  find(deviceCode: string): PendingDevice | undefined {
    return this.#pending.get(deviceCode);
  }

  /** Finds the device that shows a code and still waits. */
  ofUser(userCode: string, now: number): PendingDevice | undefined {
    const found = this.#byUserCode.get(userCode.trim().toUpperCase());
    return found !== undefined && found.expiresAt > now && found.approval === undefined && !found.declined
      ? found
      : undefined;
  }
}
