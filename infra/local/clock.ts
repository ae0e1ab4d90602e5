import { renameSync, writeFileSync } from "node:fs";
import { keepMaps } from "../../emulators/kit/kept-maps.ts";
import { type ClockPlace, type MovableClock, movableClock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { PRIVATE_FILE_MODE } from "../../emulators/kit/private-files.ts";
import { clockFile } from "./clock-file.ts";

const MACHINE: ClockPlace = { offsetMs: 0, frozenMs: null };
const STORE_NAME = "clock";
const KEY = "place";

/**
 * The one clock of a local cloud: of every emulator, and of the functions by its file. What is kept of it is how far it
 * was moved, so that time does not go back at a restart. One that stood still runs again then.
 */
export function openClock(directory: string, persistence: Persistence | undefined): MovableClock {
  const places = new Map<string, ClockPlace>();
  keepMaps(persistence, STORE_NAME, { places });
  const start = running(places.get(KEY) ?? MACHINE);
  write(clockFile(directory), start);
  return movableClock(start, (place) => {
    write(clockFile(directory), place);
    places.set(KEY, place);
  });
}

function running({ offsetMs, frozenMs }: ClockPlace): ClockPlace {
  return { offsetMs: frozenMs === null ? offsetMs : frozenMs - Date.now(), frozenMs: null };
}

/** Whole or not at all: whoever asks for the time reads it. */
function write(file: string, place: ClockPlace): void {
  const draft = `${file}.tmp`;
  writeFileSync(draft, JSON.stringify(place), { mode: PRIVATE_FILE_MODE });
  renameSync(draft, file);
}
