export type { Module } from './module.ts';
export { type Permission, permissions } from './permissions.ts';
