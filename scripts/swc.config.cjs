/* One set of compiler options for the build and for jest; only the module format differs. */
const base = {
  swcrc: false,
  sourceMaps: true,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
    // Node refuses to import JSON without `with { type: 'json' }`.
    experimental: { keepImportAttributes: true },
  },
};
module.exports = {
  forBuild: { ...base, module: { type: 'es6' } },
  forJest: { ...base, sourceMaps: 'inline', module: { type: 'commonjs' } },
};
