/**
 * Record the cases of peers whose tests are TypeScript: cdk-nag, Pulumi's AWSGuard and Pulumi's
 * compliance policies.
 *
 *     node record.mjs CHECKOUT > cases.jsonl
 *
 * The peer's own test files run, with the peer's rules and assertions replaced: instead of asking a
 * rule, an assertion writes what it was given and what it expects, one JSON object a line.
 * cdk-nag's cases are CloudFormation templates, which the CDK renders: install `aws-cdk-lib` and
 * `constructs` in the checkout first. Pulumi's are arguments, and need nothing.
 */

import { globSync, readFileSync, statSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';

const PATTERNS = ['**/test/rules/*.test.ts', '**/src/tests/*.spec.ts', '**/tests/aws/**/*.spec.ts'];

/**
 * Stands for whatever is not there: any property of it, any call and any instance is another one,
 * named by its path.
 */
function named(path) {
  return new Proxy(function () {}, {
    get(_, key) {
      if (key === 'then') return undefined;
      if (key === '__path') return path;
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'toJSON') return () => path.split('.').at(-1);
      return typeof key === 'symbol' ? undefined : named(path ? `${path}.${key}` : key);
    },
    set: () => true,
    apply: () => named(`${path}()`),
    construct: () => named(`${path}()`),
  });
}

/** Pulumi's type token of `aws.lb.Listener`. */
function token(path) {
  const [provider, module, name] = path.split('.');
  return `${provider}:${module}/${name[0].toLowerCase()}${name.slice(1)}:${name}`;
}

/** Where the case that runs stands: the titles around it, innermost last. */
const titles = [];
let inTest = 0;
let written = 0;
let failed = 0;

/** One case. A test may make several, which are told apart by a number. */
function write(found) {
  written += 1;
  inTest += 1;
  const name = titles.slice(1).join(': ') + (inTest > 1 ? ` #${inTest}` : '');
  process.stdout.write(`${JSON.stringify({ ...found, name })}\n`);
}

/** A case of Pulumi's packs: the resources of `args`, and what the peer's rule says of them. */
function pulumi(peer, violating) {
  return (policy, args) => {
    if (titles.at(-1).startsWith('policy-config')) return; // about the peer's own settings
    const check = policy.__path.split('.').filter((each) => each !== 'policies').join('.');
    write({ peer, check, violating, resources: args.recorded });
  };
}

/** The helpers that Pulumi's packs build arguments and expectations with. */
function helpers(peer) {
  const build = (kind, properties) => ({
    recorded: [{ type: token(kind.__path), properties }],
    props: properties,
    resources: [{ props: properties }],
  });
  const known = {
    createResourceValidationArgs: build,
    createStackValidationArgs: build,
    assertHasResourceViolation: pulumi(peer, true),
    assertHasStackViolation: pulumi(peer, true),
    assertNoResourceViolations: pulumi(peer, false),
    assertNoStackViolations: pulumi(peer, false),
    daysFromNow: (days) => new Date(Date.now() + days * 86_400_000),
  };
  return new Proxy(known, { get: (target, key) => target[key] ?? (() => undefined) });
}

/** cdk-nag's `validateStack`, which renders the stack. */
function nag(require) {
  const { Template } = require('aws-cdk-lib/assertions');
  const TestType = { NON_COMPLIANCE: true, COMPLIANCE: false, ERROR: undefined };
  const validateStack = (stack, check, violating) => {
    if (violating === undefined) return; // about the rule's own failure
    const [rule] = check.split(/\\?\[/); // without the finding's own suffix
    write({ peer: 'cdk-nag cfn', check: rule, violating, template: Template.fromStack(stack).toJSON() });
  };
  return new Proxy({ TestType, validateStack }, { get: (target, key) => target[key] ?? named('utils') });
}

/** What an import of a test file means. */
function load(specifier, file) {
  const require = createRequire(file);
  if (specifier === '@pulumi/compliance-policies-unit-test-helpers') return helpers('compliance pulumi');
  if (specifier === './util' && file.includes('/src/tests/')) return helpers('awsguard pulumi');
  if (specifier === './utils' && file.includes('/test/rules/')) return nag(require);
  if (specifier === '@pulumi/aws') return named('aws');
  if (/^(aws-cdk-lib|constructs)(\/|$)/.test(specifier)) return require(specifier);
  if (/^(node:)?(path|fs|assert|crypto|os)$/.test(specifier)) return require(specifier);
  const local = specifier.startsWith('.') ? `${resolve(dirname(file), specifier)}.ts` : '';
  const inTests = /\/tests?\//.test(local) && statSync(local, { throwIfNoEntry: false });
  return inTests ? run(local) : named('');
}

const modules = new Map();

/** Run a TypeScript file once; returns what it exports. */
function run(file) {
  if (!modules.has(file)) {
    const exports = {};
    modules.set(file, exports);
    const names = [];
    const source = stripTypeScriptTypes(readFileSync(file, 'utf8'), { mode: 'transform' })
      .replace(/^import\s+["'][^"']+["'];?$/gm, '')
      .replace(/^import\s+([\s\S]+?)\s+from\s+["']([^"']+)["'];?/gm, (_, what, specifier) => {
        const bound = what.replace(/^\*\s+as\s+/, '').replace(/\s+as\s+/g, ': ');
        return `const ${bound} = load(${JSON.stringify(specifier)}, file);`;
      })
      .replace(/^export\s+(?=(?:async\s+)?(?:function|const|let|var|class)\s+(\w+))/gm, (_, name) => {
        names.push(name);
        return '';
      });
    const assigned = names.map((name) => `exports.${name} = ${name};`).join('\n');
    new Function('load', 'file', 'exports', ...Object.keys(globals), `${source}\n${assigned}`)(
      load, file, exports, ...Object.values(globals),
    );
  }
  return modules.get(file);
}

/** Jest's and mocha's way to declare tests; they run in order when all files were read. */
const tests = [];
const around = [];
const globals = {
  describe(title, body) {
    around.push({ title, before: [] });
    body.call({});
    around.pop();
  },
  beforeEach: (body) => around.at(-1).before.push(body),
  afterEach: () => undefined,
  beforeAll: (body) => around.at(-1).before.push(body),
  before: (body) => around.at(-1).before.push(body),
  after: () => undefined,
  it: (title, body) => tests.push({ title, body, around: [...around] }),
  test: (title, body) => tests.push({ title, body, around: [...around] }),
  expect: () => named('expect'),
  jest: named('jest'),
  require: () => named(''),
  __filename: '',
};

async function main(folder) {
  const files = globSync(PATTERNS, { cwd: folder, exclude: (name) => name === 'node_modules' }).sort();
  for (const name of files) {
    const file = resolve(join(folder, name));
    around.push({ title: file, before: [] });
    try {
      run(file);
    } catch (error) {
      failed += 1;
      process.stderr.write(`${name}: ${error}\n`);
    }
    around.pop();
  }
  for (const each of tests) {
    inTest = 0;
    titles.splice(0, titles.length, ...each.around.map((one) => one.title), each.title);
    try {
      for (const body of each.around.flatMap((one) => one.before)) await body();
      await each.body.call({});
    } catch (error) {
      failed += 1;
      process.stderr.write(`${titles.slice(1).join(': ')}: ${String(error).split('\n', 1)[0]}\n`);
    }
  }
  process.stderr.write(`${files.length} files, ${tests.length} tests, ${written} cases, ${failed} failed\n`);
}

await main(process.argv[2]);
