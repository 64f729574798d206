export { type Breach, type Invariant, type Module, maxBreaches, type Turn } from './module.ts';
export { type Permission, permissions } from './permissions.ts';
