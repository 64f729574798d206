import type { Module } from '#module';

/** What the realtime module registers with the house. */
export const realtimeModule: Module = {
  name: 'realtime',
};
