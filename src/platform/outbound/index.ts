export { isPublicAddress } from './addresses.ts';
export { makeOutbound, type Outbound, OutboundRefused, type OutboundRules } from './guarded-fetch.ts';
