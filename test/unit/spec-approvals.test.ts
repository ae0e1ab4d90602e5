import { describe, expect, test } from "vitest";
import { problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const PROD = "delivery.environments.prod";

function delivery(fields: string): string {
  return `${base}delivery: {${fields}}\n`;
}

function dev(fields: string): string {
  return delivery(`environments: {dev: {${fields}}}`);
}

function prod(fields: string): string {
  return delivery(`environments: {prod: {${fields}}}`);
}

function weekly(windows: string): string {
  return `windows: {weekly: [${windows}]}`;
}

function freezes(all: string): string {
  return `windows: {freezes: [${all}]}`;
}

describe("approvals and access", () => {
  test.each([
    "approvals: {required: 1, from: ['group:sre@example.com'], notRequester: true, notAuthor: true}",
    "approvals: {required: 2, from: ['user:a@example.com', 'user:b@example.com', 'user:c@example.com']}",
    "approvals: {required: 2, from: ['user:a@example.com', 'user:b@example.com'], notRequester: false}",
    "approvals: {required: 10}",
    "approvals: {required: 0}",
    "approvals: {from: ['domain:example.com']}",
    "access: {promote: ['serviceAccount:ci@p.iam.gserviceaccount.com']}",
  ])("%s is fine", (fields) => {
    expect(problemsOf(prod(fields))).toEqual(told([]));
  });

  test.each([
    ["approvals: {required: -1}", "error approvals.required |  | must be at least 0"],
    ["approvals: {required: 11}", "error approvals.required |  | must be at most 10"],
    ["approvals: {from: []}", "error approvals.from |  | nobody can approve"],
    [
      "approvals: {required: 0, from: ['group:sre@example.com']}",
      "warning approvals.required |  | nobody in from is asked",
    ],
    [
      "approvals: {required: 2, from: ['user:a@example.com']}",
      "error approvals.required |  | from names only 1",
    ],
    [
      "approvals: {required: 1, from: ['user:a@example.com']}",
      "warning approvals.from |  | requests could never be approved",
    ],
    [
      "access: {approve: ['user:a@example.com', 'user:A@example.com']}",
      "warning access.approve[1] |  | is named twice",
    ],
    [
      "access: {breakGlass: ['domain:example.com']}",
      "warning access.breakGlass[0] |  | lets everybody of the domain",
    ],
    [
      "access: {promote: ['sre@example.com']}",
      "error access.promote[0] |  | must start with user:",
    ],
    [
      "access: {promote: ['Group:sre@example.com']}",
      'error access.promote[0] |  | did you mean "group"?',
    ],
    [
      "access: {promote: ['user:ann']}",
      "error access.promote[0] |  | must name an address such as user:name@example.com",
    ],
    ["access: {promote: ['domain:localhost']}", "error access.promote[0] |  | must name a domain"],
    ["access: {promote: [allUsers]}", "error access.promote[0] |  | would let anybody"],
  ] as const)("%s is told", (fields, problem) => {
    const problems = problemsOf(prod(fields));
    expect(problems).toEqual(told([problem], PROD));
    expect(`${fields}}}}`).toContain(problems[0]?.at);
  });

  test("the same person twice counts once", () => {
    const fields = "approvals: {required: 2, from: ['user:a@example.com', 'user:A@example.com']}";
    expect(problemsOf(prod(fields))).toEqual(
      told([
        `error ${PROD}.approvals.required | 2 | from names only 1`,
        `warning ${PROD}.approvals.from[1] | 'user:A | is named twice`,
      ]),
    );
  });

  test("who is named to approve beside those of from is told to no avail", () => {
    const fields =
      "approvals: {from: ['user:a@example.com', 'user:b@example.com']}, access: {approve: ['user:a@example.com', 'user:c@example.com']}";
    expect(problemsOf(prod(fields))).toEqual(
      told([`warning ${PROD}.access.approve[1] | 'user:c | is not in approvals.from, which alone`]),
    );
    expect(problemsOf(prod(fields.replace("user:c", "user:b")))).toEqual(told([]));
    const alone = "approvals: {required: 1}, access: {approve: ['user:c@example.com']}";
    expect(problemsOf(prod(alone))).toEqual(told([]));
  });

  test.each(["promote", "approve", "breakGlass"])("an empty list for %s says nothing", (key) => {
    expect(problemsOf(prod(`access: {${key}: []}`))).toEqual(
      told([`warning ${PROD}.access.${key} | [] | the same as leaving it out`]),
    );
  });

  test("principals are read in lower case but for their kind", () => {
    const text = prod("access: {promote: ['serviceAccount:CI@P.iam.gserviceaccount.com']}");
    expect(usable(text).delivery.environments["prod"]?.access.promote).toEqual([
      "serviceAccount:ci@p.iam.gserviceaccount.com",
    ]);
  });

  test("approvals in an automatic first stage hold up every push", () => {
    expect(problemsOf(dev("approvals: {required: 1}"))).toEqual(
      told(["warning delivery.environments.dev.approvals | {required | are asked for each push"]),
    );
    expect(problemsOf(dev("promotion: manual, approvals: {required: 1}"))).toEqual(told([]));
  });
});

describe("windows", () => {
  test.each([
    "windows: {timeZone: Europe/Berlin}",
    "windows: {timeZone: Asia/Calcutta}",
    "windows: {timeZone: Asia/Kolkata}",
    weekly("{days: [Mon], from: '00:00', to: '24:00'}"),
    weekly("{days: [Mon], from: '09:00', to: '09:01'}"),
    weekly("{days: [Mon], from: '09:00', to: '12:00'}, {days: [Mon], from: '11:00', to: '16:00'}"),
    weekly("{days: [Mon], from: '09:00', to: '12:00'}, {days: [Tue], from: '09:00', to: '12:00'}"),
    freezes("{from: 2026-12-20, to: 2026-12-20, reason: x}"),
    freezes("{from: 2028-02-29, to: 2028-03-01, reason: x}"),
    freezes(
      "{from: 2026-12-20, to: 2026-12-21, reason: x}, {from: 2026-12-22, to: 2026-12-23, reason: x}",
    ),
    freezes("{from: 2026-01-01, to: 2026-03-31, reason: ninety days}"),
  ])("%s is fine", (fields) => {
    expect(problemsOf(prod(fields))).toEqual(told([]));
  });

  test.each([
    [
      "windows: {timeZone: Europe/Belin}",
      'error windows.timeZone |  | did you mean "Europe/Berlin"?',
    ],
    [
      "windows: {timeZone: '+02:00'}",
      "error windows.timeZone |  | must be a time zone such as Europe/Berlin",
    ],
    ["windows: {weekly: []}", "error windows.weekly |  | no promotion could ever start"],
    [
      weekly("{days: [], from: '09:00', to: '10:00'}"),
      "error windows.weekly[0].days |  | needs at least 1 entry",
    ],
    [
      weekly("{days: [Monday], from: '09:00', to: '10:00'}"),
      "error windows.weekly[0].days[0] |  | must be one of Mon",
    ],
    [
      weekly("{days: [Mon, Mon], from: '09:00', to: '10:00'}"),
      "warning windows.weekly[0].days |  | names a day twice",
    ],
    [
      weekly("{days: [Mon], from: '9:00', to: '10:00'}"),
      "error windows.weekly[0].from |  | must be a time of day",
    ],
    [
      weekly("{days: [Mon], from: '09:00', to: '24:01'}"),
      "error windows.weekly[0].to |  | must be a time of day",
    ],
    [
      weekly("{days: [Mon], from: '09:60', to: '10:00'}"),
      "error windows.weekly[0].from |  | must be a time of day",
    ],
    [
      weekly("{days: [Mon], from: '09:00', to: '09:00'}"),
      "error windows.weekly[0].to |  | the window never opens",
    ],
    [
      weekly("{days: [Mon], from: '22:00', to: '06:00'}"),
      "error windows.weekly[0].to |  | 22:00 to 24:00 and 00:00 to 06:00",
    ],
    [
      weekly(
        "{days: [Mon, Tue], from: '09:00', to: '12:00'}, {days: [Mon], from: '10:00', to: '12:00'}",
      ),
      "warning windows.weekly[1] |  | lies wholly within weekly[0]",
    ],
    [
      weekly(
        "{days: [Mon], from: '09:00', to: '12:00'}, {days: [Mon], from: '09:00', to: '12:00'}",
      ),
      "warning windows.weekly[1] |  | lies wholly within weekly[0]",
    ],
    [
      freezes("{from: 2026-12-20, to: 2026-12-19, reason: x}"),
      "error windows.freezes[0].to |  | before the freeze starts on 2026-12-20",
    ],
    [
      freezes("{from: 2026-12-20, to: 2026-12-32, reason: x}"),
      "error windows.freezes[0].to |  | is not a date of the calendar",
    ],
    [
      freezes("{from: 2027-02-29, to: 2027-03-01, reason: x}"),
      "error windows.freezes[0].from |  | is not a date of the calendar",
    ],
    [
      freezes("{from: tomorrow, to: 2026-12-31, reason: x}"),
      "error windows.freezes[0].from |  | must be a date such as 2026-12-20",
    ],
    [
      freezes("{from: 2026-12-20, to: 2026-12-21}"),
      "warning windows.freezes[0].reason |  | everybody who waits is shown it",
    ],
    [
      freezes("{from: 2026-01-01, to: 2026-04-01, reason: x}"),
      "warning windows.freezes[0] |  | closes 91 days in a row",
    ],
    [
      freezes(
        "{from: 2026-12-20, to: 2026-12-22, reason: x}, {from: 2026-12-22, to: 2026-12-23, reason: x}",
      ),
      "warning windows.freezes[1] |  | overlaps freezes[0]",
    ],
  ] as const)("%s is told", (fields, problem) => {
    const problems = problemsOf(prod(fields));
    expect(problems).toEqual(told([problem], PROD));
    expect(`${fields}}}}`).toContain(problems[0]?.at);
  });

  test("times and dates need no quotes", () => {
    const text = prod(
      "windows: {weekly: [{days: [Mon], from: 09:00, to: 16:00}], freezes: [{from: 2026-12-20, to: 2026-12-21, reason: x}]}",
    );
    expect(usable(text).delivery.environments["prod"]?.windows).toEqual({
      timeZone: "UTC",
      weekly: [{ days: ["Mon"], from: "09:00", to: "16:00" }],
      freezes: [{ from: "2026-12-20", to: "2026-12-21", reason: "x" }],
    });
  });
});
