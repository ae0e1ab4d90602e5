import { describe, expect, test } from "vitest";
import {
  whyNoRelay,
  MAIL_ADDRESS,
  mailRelay,
  mailRelayText,
  relayPlace,
} from "../../shared/wire/mail-relay.ts";

describe("the address of a relay", () => {
  test.each([
    ["smtp://smtp.example.com", "smtp.example.com", 587, false, false],
    ["smtp://smtp.example.com:2525", "smtp.example.com", 2525, false, false],
    ["smtps://smtp.example.com", "smtp.example.com", 465, true, false],
    ["smtp://127.0.0.1:1025", "127.0.0.1", 1025, false, true],
    ["smtp://[::1]:1025", "::1", 1025, false, true],
  ])("%s leads to %s, %i", (text, host, port, isTls, isLoopback) => {
    expect(whyNoRelay(text)).toBeNull();
    expect(relayPlace(text)).toEqual({ host, port, isTls, isLoopback });
  });

  test.each([
    "smtp.example.com",
    "https://smtp.example.com",
    "smtp://ann:secret@smtp.example.com",
    "smtp://smtp.example.com/path",
    "smtp://smtp.example.com?tls=no",
    "smtp://",
    "",
  ])("is not %j", (text) => {
    expect(whyNoRelay(text)).toContain("must be smtp://HOST:PORT");
  });
});

describe("an address that gets mail", () => {
  test.each(["web@example.com", "web+prod@mail.example.co.uk", "o'neill@example.com"])(
    "is %s",
    (address) => {
      expect(address).toMatch(MAIL_ADDRESS);
    },
  );
  test.each([
    "web",
    "web@example",
    "Web <web@example.com>",
    '"web@example.net x"@example.com',
    "a@example.com,b@example.net",
    "a@example.com\r\nBcc: b@example.net",
    "a@example.net@example.com",
    "a b@example.com",
    "a@[127.0.0.1]",
    "täm@example.com",
  ])("is not %j", (address) => {
    expect(address).not.toMatch(MAIL_ADDRESS);
  });
});

test("a variable has a relay as an installation writes it, and nothing else", () => {
  const written = {
    relay: "smtp://smtp.example.com",
    from: "slipway@example.com",
    user: null,
    passwordSecret: null,
    domains: ["example.com"],
  };
  expect(mailRelay.parse(mailRelayText(written))).toMatchObject({
    host: "smtp.example.com",
    from: "slipway@example.com",
  });
  expect(mailRelay.parse(undefined)).toBeNull();
  for (const text of ["", "{", "{}", mailRelayText({ ...written, from: "a\nb@example.com" })]) {
    expect(mailRelay.safeParse(text).success).toBe(false);
  }
});
