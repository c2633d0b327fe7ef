import { type Fault, fault } from './fault.js';
import { foreignText } from './foreign-text.js';
import type { Reply } from './reply.js';
import { FOREIGN_ORIGIN, type ServerFacts } from './server-facts.js';

/** What is wrong with the answers of the server, its metadata aside. */
export function answerFaults(facts: ServerFacts): readonly Fault[] {
  const first = firstAnswer(facts.initialize);
  if (first !== undefined) return [first];
  return [
    ...(isSuccess(facts.discover)
      ? [fault('discover_open', `server/discover without a token is answered ${facts.discover.status}`)]
      : []),
    ...challengeFaults(facts),
    ...tokenFaults(facts),
    ...originFaults(facts),
    ...streamFaults(facts),
  ];
}

/** What keeps clients from beginning to sign in. */
function firstAnswer({ failure, status, redirect }: Reply): Fault | undefined {
  if (status === undefined) return fault('unreachable', `no answer: ${foreignText(failure)}`);
  if (status === 401) return undefined;
  if (redirect !== undefined) return fault('redirects', `${status} leads to ${foreignText(redirect)}`);
  const found = `initialize without a token is answered ${status}`;
  if (status < 300) return fault('open', found);
  return fault(status === 403 ? 'refused_for_good' : 'no_401', found);
}

function challengeFaults({ challenge, headerIsSafe, metadata }: ServerFacts): readonly Fault[] {
  if (challenge === undefined) {
    return [fault('no_resource_metadata', 'the 401 has no WWW-Authenticate: Bearer')];
  }
  const { scheme, resourceMetadata } = challenge;
  const letters =
    scheme === 'Bearer' ? [] : [fault('scheme_in_other_letters', `the scheme is ${foreignText(scheme)}`)];
  if (resourceMetadata === undefined) {
    return [...letters, fault('no_resource_metadata', 'the challenge has no resource_metadata')];
  }
  const found = `resource_metadata is ${foreignText(resourceMetadata)}`;
  if (!headerIsSafe) return [...letters, fault('header_not_usable', found)];
  return metadata.some(({ place }) => place === 'header')
    ? letters
    : [...letters, fault('header_leads_nowhere', `${found}, and no metadata is there`)];
}

function tokenFaults({ garbage }: ServerFacts): readonly Fault[] {
  if (garbage.status === 401) return [];
  return [
    isSuccess(garbage)
      ? fault('garbage_accepted', `text that is not a token is answered ${garbage.status}`)
      : fault('garbage_not_401', `text that is not a token is answered ${garbage.status ?? 'not at all'}`),
  ];
}

function originFaults({ foreignOrigin, inspector }: ServerFacts): readonly Fault[] {
  const allows =
    foreignOrigin.headers.get('access-control-allow-origin') === FOREIGN_ORIGIN &&
    foreignOrigin.headers.get('access-control-allow-credentials') === 'true';
  return [
    ...(isSuccess(foreignOrigin) || allows
      ? [
          fault(
            'foreign_origin_accepted',
            `a page of ${FOREIGN_ORIGIN} ${allows ? 'may read answers, with credentials' : `is answered ${foreignOrigin.status}`}`,
          ),
        ]
      : []),
    ...(inspector.status === 403 ? [fault('inspector_refused', 'the page of the Inspector is refused')] : []),
  ];
}

function streamFaults({ stream }: ServerFacts): readonly Fault[] {
  const found = `GET without a token is answered ${stream.status ?? 'not at all'}`;
  if (isSuccess(stream)) return [fault('stream_open', found)];
  return (stream.status ?? 500) >= 500 ? [fault('stream_fails', found)] : [];
}

export function isSuccess({ status = 0 }: Reply): boolean {
  return status >= 200 && status < 300;
}
