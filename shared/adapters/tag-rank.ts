import semver from "semver";

/** Digits of the length that stands before a number, so that the text of a longer one is the greater. */
const LENGTH_DIGITS = 3;

/** A number of any length as text whose order is that of numbers; null when it is none. */
export function buildRank(build: string): string | null {
  if (!/^\d+$/.test(build)) {
    return null;
  }
  const digits = build.replace(/^0+(?=\d)/, "");
  return `${String(digits.length).padStart(LENGTH_DIGITS, "0")}${digits}`;
}

/**
 * A semantic version as text whose order is their precedence: a version before its release sorts before it, numbers
 * in what follows the hyphen before words, and fewer of them before more. Null when it is no version.
 * Source: https://semver.org/spec/v2.0.0.html#spec-item-11
 */
export function versionRank(tag: string): string | null {
  const version = semver.parse(tag);
  if (version === null) {
    return null;
  }
  const { major, minor, patch, prerelease } = version;
  const numbers = [major, minor, patch].map((number) => buildRank(String(number)) ?? "").join(".");
  const rest = prerelease.length === 0 ? AFTER_ALL : prerelease.map(identifierRank).join("");
  return `${numbers}${rest}`;
}

/** What has no identifiers after the hyphen comes after all that has. */
const AFTER_ALL = "~";
/** Sorts before every character of an identifier. */
const END = "!";

function identifierRank(identifier: string | number): string {
  const number = buildRank(String(identifier));
  return number === null ? `1${identifier}${END}` : `0${number}${END}`;
}
