// The check of a form's answers: the same rules as tipportal/domain/answers.py and orgnumber.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswers, countOf, type Field, normalText, organisationNumber } from "../src/public/answers";
import { factsOf } from "../src/public/sealing";

const line = (name: string, value: string): Field => ({ kind: "line", name, values: [value] });
const lines = (name: string, value: string): Field => ({ kind: "lines", name, values: [value] });

test("organisation numbers are ten digits with a checksum, and never somebody's personal number", () => {
  for (const written of ["212000-0142", "2120000142", " 212000 0142 ", "212000\u20130142"]) {
    assert.deepEqual(organisationNumber(written), { number: "212000-0142" });
  }
  for (const written of ["191212121212", "19121212-1212", "121212-1212", "121212+1212"]) {
    assert.deepEqual(organisationNumber(written), { fault: "org_person" });
  }
  for (const written of ["1", "212000-01421", "21200O-0142", "åäö"]) {
    assert.deepEqual(organisationNumber(written), { fault: "org_form" });
  }
  assert.deepEqual(organisationNumber("212000-0143"), { fault: "org_checksum" });
});

test("a text is counted as the server counts it", () => {
  assert.equal(countOf("å😀\n"), 3);
  assert.equal(normalText("  a\r\nb\rc\u2028d  ", false), "a\nb\nc\nd");
  assert.equal(normalText("a\r\nb", true), "a b");
});

test("what cannot be written is shown as such", () => {
  assert.equal(normalText("a\u0000b\u001bc\ud800d\u{1f600}", false), "a\ufffdb\ufffdc\ufffdd\u{1f600}");
});

test("what is too long is told with its numbers, what is empty is left out", () => {
  const fields = [lines("what_happened", "x".repeat(11)), line("where", "   "), line("when", "i våras")];
  const { answers, faults } = checkAnswers(fields, { what_happened: 10, when: 10, where: 10 }, ["what_happened"]);
  assert.deepEqual(faults, [{ field: "what_happened", text: "too_long", values: { count: 11, limit: 10 } }]);
  assert.deepEqual(answers, { when: "i våras" });
});

test("a required text of spaces is missing", () => {
  const { faults } = checkAnswers([lines("what_happened", " \n ")], { what_happened: 10 }, ["what_happened"]);
  assert.deepEqual(faults, [{ field: "what_happened", text: "required" }]);
});

test("choices are kept as they are", () => {
  const fields: Field[] = [
    { kind: "choice", name: "area", values: ["inkop"] },
    { kind: "choices", name: "concerns", values: ["unit:a", "none"] },
    { kind: "choices", name: "others", values: [] },
  ];
  assert.deepEqual(checkAnswers(fields, {}, []).answers, { area: "inkop", concerns: ["unit:a", "none"] });
});

test("the routing facts are those that the server reads", () => {
  assert.deepEqual(factsOf({}), { area: "", concerns: [], subject_role: "unknown" });
  assert.deepEqual(
    factsOf({ area: "unknown", concerns: ["unit:b", "none", "unit:a", "unknown"], subject_role: "manager" }),
    {
      area: "",
      concerns: ["unit:a", "unit:b"],
      subject_role: "manager",
    },
  );
});
