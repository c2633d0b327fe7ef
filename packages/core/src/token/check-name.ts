/** The names of the checks, in the validator's order. */
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

/** The names in the table of checks, which need neither keys nor a requirement. */
export type CheckOfToken = Exclude<CheckName, 'form' | 'signing_key' | 'signature' | 'requirement'>;
