// What is taken out of a style sheet, and above all what is not.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { prune } from "../prune.mjs";

function pruned(css: string, ...pages: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "prune-"));
  try {
    for (const [number, page] of pages.entries()) writeFileSync(join(folder, `${number}.html`), page);
    return prune(css, [folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PAGE = '<p class="govuk-body"><input class="{{ classes(\'govuk-input\') }}">';

for (const [what, before, after] of [
  ["what is named stays", ".govuk-body{a:b}p{c:d}", ".govuk-body{a:b}p{c:d}"],
  ["what is not named goes", ".govuk-tag{a:b}.x{c:d}.govuk-body .govuk-tag{e:f}", ".x{c:d}"],
  ["each selector of a list by itself", ".govuk-tag,.govuk-body:hover{a:b}", ".govuk-body:hover{a:b}"],
  ["an error of what is named stays", ".govuk-input--error{a:b}.govuk-tag--error{a:b}", ".govuk-input--error{a:b}"],
  ["what must be absent may be unknown", ".govuk-body:not(.govuk-tag){a:b}", ".govuk-body:not(.govuk-tag){a:b}"],
  ["commas inside a selector part nothing", ":is(.govuk-body,.govuk-tag){a:b}", ":is(.govuk-body,.govuk-tag){a:b}"],
  [
    "inside conditions too, which go when empty",
    "@media print{.govuk-tag{a:b}}@media screen{p{a:b}.govuk-tag{a:b}}p{c:d}",
    "@media screen{p{a:b}}p{c:d}",
  ],
  [
    "other rules with an at sign stay whole",
    '@charset "utf-8";.govuk-tag{a:b}@keyframes x{from{a:b}to{c:d}}',
    '@charset "utf-8";@keyframes x{from{a:b}to{c:d}}',
  ],
  ["a name is whole", ".govuk-body-s{a:b}.govuk-body{a:b}", ".govuk-body{a:b}"],
] as const) {
  test(what, () => assert.equal(pruned(before, PAGE), after));
}
