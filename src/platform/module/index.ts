export { type Breach, type Invariant, type Module, maxBreaches } from './module.ts';
export { type Permission, permissions } from './permissions.ts';
