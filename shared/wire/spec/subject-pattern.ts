import { accepted } from "../../domain/result.ts";
import type { Result } from "../../domain/result.ts";
import { compileTagPattern } from "./tag-pattern.ts";

/** What a subject that was compiled says of a signer. */
export type SubjectPattern = (subject: string) => boolean;

/** Compiles a pattern of signers: it takes the whole of a subject, or nothing of it. */
export function compileSubjectPattern(pattern: string): Result<SubjectPattern, string> {
  // What is wrong alone must not become right between the anchors.
  const alone = compileTagPattern(pattern);
  const whole = alone.ok ? compileTagPattern(`\\A(?:${pattern})\\z`) : alone;
  return whole.ok ? accepted((subject) => whole.value.match(subject) !== null) : whole;
}

/** What is wrong with a pattern of signers, or null. */
export function complainAboutSubjectPattern(pattern: string): string | null {
  const compiled = compileSubjectPattern(pattern);
  return compiled.ok ? null : compiled.refusal;
}
