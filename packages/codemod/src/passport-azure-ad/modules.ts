/** The package that is left. */
export const OLD_MODULE = 'passport-azure-ad';
/** The one that takes its place. */
export const NEW_MODULE = '@entra-guard/passport';

/** What the new one exports under the names of the old one. */
const SAME_NAMES: ReadonlySet<string> = new Set([
  'BearerStrategy',
  'IBaseStrategyOption',
  'IBearerStrategyOption',
  'IBearerStrategyOptionWithRequest',
  'ITokenPayload',
  'VerifyBearerFunction',
  'VerifyBearerFunctionWithReq',
  'VerifyCallback',
]);

export const isSameName = (name: string): boolean => SAME_NAMES.has(name);

/** Whether a file may have to do with either: others need not be read closely. */
export const isConcerned = (text: string): boolean => text.includes(OLD_MODULE) || text.includes(NEW_MODULE);
