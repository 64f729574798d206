export { inScope, type ScopeColumns, scopeFilter } from './scope-filter.ts';
export { idsInScope, liesInScope, requireInScope } from './scope-gate.ts';
export { expandScope, forgetScopes, type ScopeRoots, scopedThings, scopeOf, teachScope } from './scope-registry.ts';
export type { ScopeDeclaration, ScopedThing, ScopeTree } from './scoped-thing.ts';
