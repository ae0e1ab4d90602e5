import { describe, expect, test } from "vitest";

import { HttpFailure, toOutsideError } from "../../shared/adapters/google-errors.ts";
import { lazily } from "../../shared/adapters/grpc-endpoint.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";
import { AssertionError } from "../../shared/domain/assert.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";

const ONCE = { timeoutMs: 5000, attemptsMax: 1 };
const THRICE = { timeoutMs: 5000, attemptsMax: 3 };

function grpcError(code: number): Error {
  return Object.assign(new Error("from outside"), { code });
}

describe("an error from outside", () => {
  test.for([
    [1, "CANCELLED", "TransientError"],
    [2, "UNKNOWN", "TransientError"],
    [3, "INVALID_ARGUMENT", "PermanentError"],
    [4, "DEADLINE_EXCEEDED", "TransientError"],
    [5, "NOT_FOUND", "PermanentError"],
    [6, "ALREADY_EXISTS", "PermanentError"],
    [7, "PERMISSION_DENIED", "PermanentError"],
    [8, "RESOURCE_EXHAUSTED", "TransientError"],
    [9, "FAILED_PRECONDITION", "PermanentError"],
    [10, "ABORTED", "TransientError"],
    [11, "OUT_OF_RANGE", "PermanentError"],
    [12, "UNIMPLEMENTED", "PermanentError"],
    [13, "INTERNAL", "TransientError"],
    [14, "UNAVAILABLE", "TransientError"],
    [15, "DATA_LOSS", "PermanentError"],
    [16, "UNAUTHENTICATED", "TransientError"],
    [99, "UNKNOWN", "TransientError"],
  ] as const)("with gRPC code %i is %s and a %s", ([code, status, name]) => {
    const cause = grpcError(code);
    const error = toOutsideError(cause, "releases/r-1");
    expect(error).toMatchObject({ name, status, message: "releases/r-1: from outside", cause });
  });

  test.for([
    [404, null, "NOT_FOUND", "PermanentError"],
    [409, null, "ABORTED", "TransientError"],
    [409, "ALREADY_EXISTS", "ALREADY_EXISTS", "PermanentError"],
    [400, "FAILED_PRECONDITION", "FAILED_PRECONDITION", "PermanentError"],
    [429, null, "RESOURCE_EXHAUSTED", "TransientError"],
    [503, null, "UNAVAILABLE", "TransientError"],
    [418, null, "UNKNOWN", "TransientError"],
  ] as const)("with HTTP status %i and status %s is %s and a %s", ([http, given, status, name]) => {
    const failure = new HttpFailure(http, { status: given, message: "no" });
    expect(toOutsideError(failure, "group")).toMatchObject({ name, status });
  });

  test.for([
    new Error("no code"),
    "text",
    null,
    Object.assign(new Error("x"), { code: "ECONNRESET" }),
  ])("that says nothing we know, such as %s, may pass", (odd) => {
    expect(toOutsideError(odd, "x")).toMatchObject({ name: "TransientError", status: "UNKNOWN" });
  });

  test.for([
    new TransientError("ABORTED", "m"),
    new PermanentError("NOT_FOUND", "m"),
    new AssertionError("m"),
  ])("that is ours already, such as %s, stays as it is", (ours) => {
    expect(toOutsideError(ours, "x")).toBe(ours);
  });
});

describe("a call to the outside", () => {
  test("is made again when it failed in a way that may pass", async () => {
    const failures = [grpcError(14), grpcError(14)];
    const value = await callOutside("x", async () => orThrow(failures.pop()), THRICE);
    expect([value, failures]).toEqual(["done", []]);
  });

  test("is given up after so many attempts", async () => {
    const failures = [grpcError(14), grpcError(14), grpcError(14), grpcError(14)];
    const attempt = callOutside("x", async () => orThrow(failures.pop()), THRICE);
    await expect(attempt).rejects.toMatchObject({ name: "TransientError", status: "UNAVAILABLE" });
    expect(failures).toHaveLength(1);
  });

  test("is not made again when it was refused for good", async () => {
    const failures = [grpcError(14), grpcError(7)];
    const attempt = callOutside("x", async () => orThrow(failures.pop()), THRICE);
    await expect(attempt).rejects.toMatchObject({ name: "PermanentError" });
    expect(failures).toHaveLength(1);
  });

  test("that never answers ends at its deadline", async () => {
    const attempt = callOutside("x", async () => new Promise<never>(() => {}), {
      ...ONCE,
      timeoutMs: 20,
    });
    await expect(attempt).rejects.toMatchObject({
      name: "TransientError",
      status: "DEADLINE_EXCEEDED",
      message: "x: no answer within 20 ms",
    });
  });
});

describe("what is made lazily", () => {
  test("is made once, by whoever is first", async () => {
    let made = 0;
    const get = lazily(async () => {
      made += 1;
      return made;
    });
    expect(made).toBe(0);
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  test("is made again after a failure", async () => {
    const failures = [grpcError(14)];
    const get = lazily(async () => orThrow(failures.pop()));
    await expect(get()).rejects.toThrow("from outside");
    expect(await get()).toBe("done");
  });
});

function orThrow(error: Error | undefined): string {
  if (error !== undefined) {
    throw error;
  }
  return "done";
}
