import { describe, expect, test } from "vitest";
import { edit, problemsOf, told, readSpec, usable } from "./spec-support.ts";

const base = readSpec("base");
const withRatio = (fields: string): string =>
  `${base}monitoring: {alerts: {responseCodeRatios: [{id: a, name: A, ${fields}}]}}\n`;
const withAlert = (fields: string): string =>
  `${base}monitoring: {alerts: {customAlerts: [{${fields}}]}}\n`;
const RATIO = "monitoring.alerts.responseCodeRatios[0]";
const ALERT = "monitoring.alerts.customAlerts[0]";
const CONDITION = "condition: {type: mql, query: q}";

function alert(name: string): string {
  return `{name: ${name}, severityLevel: WARNING, ${CONDITION}}`;
}

describe("alerts on response codes", () => {
  test.each([
    "ratio: 0",
    "ratio: 1",
    "ratio: 0.5, code: 404",
    "codeClass: 5xx",
    "durationMinutes: 1440",
    "excludeCodes: [404]",
  ])("an alert with %s is fine", (fields) => {
    expect(problemsOf(withRatio(fields))).toEqual(told([]));
  });

  test.each([
    ["ratio: -0.1", "ratio", "must be at least 0"],
    ["ratio: 1.1", "ratio", "must be at most 1"],
    ["ratio: half", "ratio", "must be a number"],
    ["code: 0", "code", "must be at least 1"],
    ["code: 404, codeClass: 4xx", "codeClass", "together with code"],
    ["codeClass: five", "codeClass", "must be a class such as 4xx"],
    ["durationMinutes: 1441", "durationMinutes", "must be at most 1440"],
    ["durationMinutes: -1", "durationMinutes", "must be at least 0"],
  ])("an alert with %s is refused", (fields, key, message) => {
    expect(problemsOf(withRatio(fields))).toEqual(told([`error ${RATIO}.${key} |  | ${message}`]));
  });

  test.each(["25h", "90s", "5s", "soon"])(
    "the older key duration has no effect with %s, as upstream passes it over",
    (duration) => {
      expect(problemsOf(withRatio(`duration: ${duration}`))).toEqual(
        told([
          `warning ${RATIO}.duration | duration | is an old key`,
          `warning ${RATIO}.duration | ${duration} | has no effect`,
        ]),
      );
    },
  );

  test.each(["15xx", "5xxx", "5x", "9xx"])(
    "the class %s passes upstream, whose pattern is not anchored, with a warning",
    (codeClass) => {
      expect(problemsOf(withRatio(`codeClass: ${codeClass}`))).toEqual(
        told([`warning ${RATIO}.codeClass | ${codeClass} | no response has it`]),
      );
    },
  );

  test("the duration of the older generation is read in minutes", () => {
    const text = withRatio("duration: 1h30m0s");
    expect(usable(text).monitoring.alerts.responseCodeRatios[0]?.durationMinutes).toBe(90);
    expect(
      usable(withRatio("ratio: 0")).monitoring.alerts.responseCodeRatios[0]?.durationMinutes,
    ).toBe(1);
  });

  test("an alert needs an id of its own and a name", () => {
    const twice =
      "monitoring: {alerts: {responseCodeRatios: [{id: a, name: A}, {id: a, name: B}, {name: C}, {id: d}]}}\n";
    expect(problemsOf(`${base}${twice}`)).toEqual(
      told([
        "error monitoring.alerts.responseCodeRatios[1].id | a | is used twice",
        "error monitoring.alerts.responseCodeRatios[2].id | {name | is required",
        "error monitoring.alerts.responseCodeRatios[3].name | {id | is required",
      ]),
    );
  });
});

describe("custom alerts", () => {
  test.each(["name: High load-1, severityLevel: WARNING", "name: x, severityLevel: CRITICAL"])(
    "the alert %s is fine",
    (fields) => {
      expect(problemsOf(withAlert(`${fields}, ${CONDITION}`))).toEqual(told([]));
    },
  );

  test.each([
    [
      "name: a_b, severityLevel: WARNING, condition: {type: mql, query: q}",
      "name",
      "letters, digits, spaces and hyphens only",
    ],
    ["severityLevel: WARNING, condition: {type: mql, query: q}", "name", "is required"],
    [
      "name: a, severityLevel: ERROR, condition: {type: mql, query: q}",
      "severityLevel",
      "must be one of WARNING, CRITICAL",
    ],
    [
      "name: a, severityLevel: WARNING, condition: {type: sql, query: q}",
      "condition.type",
      "must be one of mql, promql",
    ],
    [
      "name: a, severityLevel: WARNING, condition: {type: mql, query: ''}",
      "condition.query",
      "must not be empty",
    ],
    [
      "name: a, severityLevel: WARNING, condition: {type: mql, query: q, durationMinutes: 1441}",
      "condition.durationMinutes",
      "must be at most 1440",
    ],
    ["name: a, severityLevel: WARNING", "condition", "is required"],
  ])("the alert %s is refused", (fields, key, message) => {
    expect(problemsOf(withAlert(fields))).toEqual(told([`error ${ALERT}.${key} |  | ${message}`]));
  });

  test("names that are the same but for case and spaces are refused", () => {
    const text = `${base}monitoring: {alerts: {customAlerts: [${alert("High load")}, ${alert("high-load")}]}}\n`;
    expect(problemsOf(text)).toEqual(
      told([
        'error monitoring.alerts.customAlerts[1].name | high-load | is the same as "High load"',
      ]),
    );
  });

  test("an unknown key in an alert is a warning", () => {
    expect(
      problemsOf(
        edit(withAlert(`name: a, severityLevel: WARNING, ${CONDITION}`), [
          "name: a,",
          "name: a, severity: x,",
        ]),
      ),
    ).toEqual(told([`warning ${ALERT}.severity | severity | is not known`]));
  });
});
