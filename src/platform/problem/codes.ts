/**
 * Every refusal the product can answer with: its HTTP status and public title. The code travels in the answer, so
 * that programs can rely on it; causes and stack traces go to the log only.
 */
export const problemCodes = {
  'request.malformed': { status: 400, title: 'The request is malformed' },
  'auth.required': { status: 401, title: 'Sign-in is required' },
  'auth.invalid_credentials': { status: 401, title: 'E-mail or password is wrong' },
  'auth.token_invalid': { status: 401, title: 'The token is not valid or has expired' },
  'auth.second_factor_required': { status: 401, title: 'A second factor is required' },
  'auth.proof_required': { status: 403, title: 'Prove again who you are' },
  'auth.forbidden': { status: 403, title: 'You are not allowed to do this' },
  'approval.own_work': { status: 403, title: 'Your own work needs someone else’s decision' },
  'approval.limit_exceeded': { status: 403, title: 'The amount is above your approval limit' },
  'approval.not_candidate': { status: 403, title: 'This task is not yours to decide' },
  not_found: { status: 404, title: 'Not found' },
  'method.not_allowed': { status: 405, title: 'This method is not allowed here' },
  'state.conflict': { status: 409, title: 'The state does not allow this' },
  'version.conflict': { status: 409, title: 'Someone else changed this in the meantime' },
  'code.taken': { status: 409, title: 'The code is already in use' },
  'idempotency.conflict': { status: 409, title: 'The idempotency key is taken' },
  'body.too_large': { status: 413, title: 'The body is too large' },
  'media_type.unsupported': { status: 415, title: 'The media type is not supported' },
  'rule.violated': { status: 422, title: 'A business rule says no' },
  'fund.exceeded': { status: 422, title: 'The fund does not hold enough' },
  'fund.not_eligible': { status: 422, title: 'The fund does not cover this' },
  'money.currency_mismatch': { status: 422, title: 'The currencies differ' },
  'promotion.conflict': { status: 422, title: 'The promotion conflicts with another' },
  'promotion.unsettled': { status: 422, title: 'The promotion is not settled yet' },
  'promotion.incomplete': { status: 422, title: 'The promotion is not complete' },
  'fx.rate_missing': { status: 422, title: 'An exchange rate is missing' },
  'conversion.missing': { status: 422, title: 'A conversion is missing' },
  'calendar.missing': { status: 422, title: 'No fiscal calendar covers this date' },
  'gl_mapping.missing': { status: 422, title: 'The general ledger mapping names no account' },
  'prediction.refused': { status: 422, title: 'There is too little data to predict' },
  'measurement.refused': { status: 422, title: 'There is too little data to measure' },
  'decision.refused': { status: 422, title: 'The decision model cannot be used' },
  'decision.exhausted': { status: 422, title: 'The decision takes too much' },
  'process.refused': { status: 422, title: 'The process model cannot be used' },
  'process.unsound': { status: 422, title: 'The process could get stuck or do things twice' },
  'card_data.refused': { status: 422, title: 'Payment card data is not kept here' },
  'import.refused': { status: 422, title: 'The file cannot be imported' },
  'rate.limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'service.unavailable': { status: 503, title: 'The service is not available right now' },
} as const;

/** A code of {@link problemCodes}. */
export type ProblemCode = keyof typeof problemCodes;
