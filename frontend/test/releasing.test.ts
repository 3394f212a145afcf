import assert from "node:assert/strict";
import { test } from "node:test";
import { MASK, masked } from "../src/handler/releasing";

test("a mask tells nothing of how much it hides", () => {
  assert.equal(masked("Bo Ek fakturerar.", 0, 5), `${MASK} fakturerar.`);
  assert.equal(masked("Maximiliana Stenberg fakturerar.", 0, 20), `${MASK} fakturerar.`);
});

test("masks that meet are one, across spaces and lines", () => {
  const once = masked("Anna Bo Cilla ser det.", 5, 7);
  assert.equal(once, `Anna ${MASK} Cilla ser det.`);
  assert.equal(masked(masked(once, 0, 4), MASK.length + 1, MASK.length + 6), `${MASK} ser det.`);
  assert.equal(masked(`${MASK}\nBo`, MASK.length + 1, MASK.length + 3), MASK);
  assert.equal(masked(`Anna ${MASK} ser det.`, 3, 7), `Ann${MASK} ser det.`);
});
