import { type AgentFacts, AuthContext, type EntraClaims, type StringSet } from '@entra-guard/core';

/** The members that the database is told. */
export interface Described {
  readonly kind?: 'user' | 'app';
  readonly tenantId?: string;
  readonly objectId?: string | undefined;
  readonly clientId?: string;
  readonly subjectKey?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly agent?: AgentFacts;
}

/** A caller of a class that an application derived: its members can hold any text, which those of a token can't. */
export class DescribedCaller extends AuthContext {
  readonly kind: 'user' | 'app';
  readonly issuer = 'https://issuer.example';
  readonly tenantId: string;
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly subjectKey: string;
  readonly scopes: StringSet;
  readonly roles: StringSet;
  readonly groups = [] as unknown as StringSet;
  readonly agent: AgentFacts | undefined;
  readonly guest = undefined;
  readonly authenticationContexts = [] as unknown as StringSet;
  readonly expiresAt = 0;
  readonly tokenId = undefined;
  readonly claims = {} as EntraClaims;

  constructor(members: Described = {}) {
    super();
    this.kind = members.kind ?? 'user';
    this.tenantId = members.tenantId ?? 'tenant';
    this.objectId = members.objectId;
    this.clientId = members.clientId ?? 'client';
    this.subjectKey = members.subjectKey ?? 'subject';
    this.scopes = (members.scopes ?? ['Orders.Read']) as StringSet;
    this.roles = (members.roles ?? []) as StringSet;
    this.agent = members.agent;
  }
}
