#!/usr/bin/env node
import { readArguments, USAGE } from './arguments.js';
import { runChecks } from './checks.js';
import { applicationFolder } from './package-file.js';
import { asJson, asText, someFail } from './report.js';

const BAD_USE = 2;

/** The program behind the package's name: `npx opentelemetry-instrumentation-chatdebug doctor`. */
async function main(): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  if (asked.kind === 'text') return console.log(asked.text);
  if (asked.kind === 'refused') {
    console.error(`${asked.why}\n\n${USAGE}`);
    process.exitCode = BAD_USE;
    return;
  }
  const { json, timeoutMillis } = asked;
  const surroundings = { folder: applicationFolder(process.cwd()), env: process.env, timeoutMillis };
  const checked = await runChecks(surroundings);
  console.log(json ? asJson(checked, surroundings) : asText(checked, surroundings));
  if (someFail(checked)) process.exitCode = 1;
}

void main();
