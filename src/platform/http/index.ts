export { httpData, sweepIdempotency } from './idempotency.ts';
export { asProblem } from './problems.ts';
export { requireProof, type SignIn } from './proof.ts';
export { type Access, type Answer, type AnyRoute, type Route, type RouteInput, route } from './route.ts';
export {
  codeSchema,
  currencySchema,
  dateSchema,
  decimalSchema,
  figureSchema,
  idParams,
  idSchema,
  instantSchema,
  listQuery,
  listQueryShape,
  maxPageSize,
  moneyAnswerSchema,
  moneySchema,
  nameSchema,
  noteSchema,
  pageOf,
  positiveDecimalSchema,
  visibleText,
} from './schemas.ts';
export { type Authenticated, type HttpParts, makeHttpServer, type Refused } from './server.ts';
export { slicePage } from './slice-page.ts';
