/** What is checked of a token, in the order in which the validator does. */
export type CheckName =
  | 'form'
  | 'algorithm'
  | 'key_id'
  | 'critical'
  | 'type'
  | 'claim_types'
  | 'issuer'
  | 'audience'
  | 'times'
  | 'authorized_party'
  | 'key_binding'
  | 'policy'
  | 'kind'
  | 'signing_key'
  | 'signature'
  | 'requirement';

/** Those of the table of checks: they need neither keys nor a requirement. */
export type CheckOfToken = Exclude<CheckName, 'form' | 'signing_key' | 'signature' | 'requirement'>;
