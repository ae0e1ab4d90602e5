import { expect, test } from "vitest";
import { CANARY_PROBES_MAX, canaryProbes } from "../../shared/domain/steps/canary.ts";
import { aPolicy } from "../support/builders.ts";

test.each([
  [[50], 10],
  [[10, 50], 66],
  [[1], CANARY_PROBES_MAX],
])(
  "a canary of %j percent is asked so often that missing it is one in a thousand",
  (canary, times) => {
    expect(canaryProbes(aPolicy({ canary }))).toBe(times);
  },
);
