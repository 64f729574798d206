export * from './context.ts';
export * from './crash-point.ts';
