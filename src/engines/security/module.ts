import type { Module } from '#module';

/** What the security module registers with the house. */
export const securityModule: Module = {
  name: 'security',
};
