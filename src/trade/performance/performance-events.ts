/** No further sales arrived for a while: observed events and models are to follow them now. */
export const salesSettled = 'performance.sales.settled';
/** A model version was asked for; its fit starts after the commit: `{ modelVersionId, kind, number }`. */
export const modelRequested = 'performance.model.requested';
/** A fit went on: `{ modelVersionId, kind, number, share }`, share done in 0..1. */
export const modelFitting = 'performance.model.fitting';
/** A version is in force: `{ modelVersionId, kind, number, trainedThrough }`. */
export const modelFitted = 'performance.model.fitted';
/** A fit came to nothing: `{ modelVersionId, kind, number, reason }`. */
export const modelFailed = 'performance.model.failed';
/** A promotion was measured: `{ promotionId, version, state }`. */
export const promotionMeasured = 'performance.promotion.measured';
