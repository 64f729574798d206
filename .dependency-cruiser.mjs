/**
 * The house's floors and doors (ARCHITECTURE.md). Every rule has a planted violation in
 * test/architecture/import-rules.test.ts: a rule without one fails that test.
 */
const module = '^src/(platform|engines|trade)/([^/]+)/';
/** Tests and what only tests use stand beside the code; they may use test/ and demo/, the product may not. */
const testFile = '(\\.test\\.ts|/test-[^/]+\\.ts)$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const product = (path) => ({ path, pathNot: testFile });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule(
      'platform-is-the-ground-floor',
      'platform imports no engine, no trade module, no app.',
      product('^src/platform/'),
      {
        path: '^src/(engines|trade|apps)/',
      },
    ),
    rule('engines-know-nothing-of-trade', 'An engine could serve another product.', product('^src/engines/'), {
      path: '^src/(trade|apps)/',
    }),
    rule('trade-knows-no-app', 'apps is the top floor.', product('^src/trade/'), { path: '^src/apps/' }),
    rule(
      'engines-import-no-engine',
      'Engines meet through ports that apps wires; only the face of security is open to all.',
      product('^src/engines/([^/]+)/'),
      { path: '^src/engines/', pathNot: '^src/engines/($1|security)/' },
    ),
    rule(
      'gateway-and-observability-are-imported-by-nobody',
      'They meet the rest through telemetry and the service registry; only apps starts them.',
      { pathNot: '^src/(apps|engines/(gateway|observability))/' },
      { path: '^src/engines/(gateway|observability)/' },
    ),
    rule(
      'modules-have-one-door',
      'Across modules only through the subpath imports of package.json (#money, #db), never by a relative path.',
      { path: module },
      { path: module, pathNot: '^src/$1/$2/', dependencyTypesNot: ['aliased-subpath-import'] },
    ),
    rule(
      'apps-use-the-doors',
      'apps puts modules together through their faces only.',
      { path: '^src/apps/' },
      { path: module, dependencyTypesNot: ['aliased-subpath-import'] },
    ),
    rule(
      'outsiders-use-the-doors',
      'demo, test, bench and scripts see what every other module sees: the face (tests also what is for tests).',
      { path: '^(demo|test|bench|scripts)/' },
      { path: module, pathNot: [`${module}index\\.ts$`, testFile] },
    ),
    rule(
      'domain-is-pure',
      'domain/ knows numbers, money, problems, dates and its own module, nothing that reads or writes.',
      product('^src/[^/]+/([^/]+)/.*domain/'),
      {
        pathNot: [
          '^src/[^/]+/$1/.*domain/',
          '^src/platform/(money|problem|clock|fiscal-calendar|figure)/',
          '^src/(engines|trade)/(?!$1/)',
          '(^|/)node_modules/decimal\\.js/',
        ],
      },
    ),
    rule(
      'domain-borrows-words-only',
      'domain/ may name a type of another module (a mechanic), which is erased; it calls nothing there.',
      product('^src/[^/]+/([^/]+)/.*domain/'),
      { path: '^src/(engines|trade)/', pathNot: '^src/[^/]+/$1/', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'the-product-stands-alone',
      'src runs without demo, test, bench, scripts and web.',
      { path: '^src/', pathNot: ['^src/apps/', testFile] },
      { path: '^(demo|test|bench|scripts|web)/' },
    ),
    rule(
      'apps-load-only-the-demo',
      'apps may load the demo maker, nothing else from outside src.',
      product('^src/apps/'),
      { path: '^(test|bench|scripts|web)/' },
    ),
    rule(
      'the-product-uses-no-test-code',
      'What only tests use is named *.test.ts or test-*.ts.',
      product('^(src|demo|web)/'),
      {
        path: testFile,
      },
    ),
    rule(
      'web-knows-the-api-only',
      'The web application shares no code with the server.',
      { path: '^web/' },
      {
        path: '^(src|demo|test|bench|scripts)/',
      },
    ),
    rule(
      'no-cycles',
      'A cycle is one thing in two files. Cycles of types alone are erased and harmless.',
      {},
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    ),
    rule(
      'every-import-resolves',
      'An import that leads nowhere hides from every other rule.',
      {},
      {
        couldNotResolve: true,
      },
    ),
  ],
  options: {
    // The parser: dependency-cruiser's other TypeScript parser needs TypeScript < 7.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^web/dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
